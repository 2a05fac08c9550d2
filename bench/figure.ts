/** Figures of one subject, as a section of bench/RESULTS.md and of docs/performance.md. */
export interface Group {
  readonly title: string;
  readonly tables: readonly Table[];
  /** Sentences that explain the figures. */
  readonly notes: readonly string[];
}

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Returns the median of measured values, with the least and the greatest. */
export function spread(samples: readonly number[], unit: string): string {
  return `${rounded(medianOf(samples))} ${unit} (${rounded(Math.min(...samples))} to ${rounded(Math.max(...samples))})`;
}

/** Returns the median. */
export function medianOf(samples: readonly number[]): number {
  const sorted = [...samples].sort((one, other) => one - other);
  return (sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN) / 2 + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? NaN) / 2;
}

/** Returns a number with three significant digits, or with all of its digits before the point. */
export function rounded(value: number): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toLocaleString('en-US', { minimumFractionDigits: 0, maximumFractionDigits: digits });
}
