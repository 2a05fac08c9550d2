const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/** Whether a text is an ISO 8601 date and time with its zone. */
export function isDateTime(text: string): boolean {
  const date = DATE_TIME.exec(text)?.[1];
  return date !== undefined && isDay(date) && Number.isFinite(Date.parse(text));
}

/** JavaScript takes the 31st of every month, and goes on counting in the next. */
function isDay(date: string): boolean {
  const midnight = Date.parse(`${date}T00:00Z`);
  return Number.isFinite(midnight) && new Date(midnight).toISOString().startsWith(date);
}
