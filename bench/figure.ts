/** What one group of figures has to tell. */
export interface Group {
  readonly title: string;
  readonly comparisons: readonly Comparison[];
  readonly tables: readonly Table[];
  /** Sentences that explain the figures. */
  readonly notes: readonly string[];
}

/** A figure beside that of what a user would have instead. */
export interface Comparison {
  readonly what: string;
  readonly here: Measure;
  readonly rival: Measure & { readonly name: string };
  readonly limit?: Limit;
}

/** The most that `here` may be: of `rival`, or by itself. */
export type Limit = { readonly kind: 'ratio'; readonly atMost: number } | { readonly kind: 'here'; readonly atMost: Measure };

export interface Measure {
  readonly value: number;
  readonly text: string;
}

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Of measured times: the middle one, and from where to where they go. */
export function spread(samples: readonly number[], unit: string): Measure {
  const sorted = [...samples].sort((one, other) => one - other);
  const middle = (sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN) / 2 + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? NaN) / 2;
  return { value: middle, text: `${rounded(middle)} ${unit} (${rounded(sorted[0] ?? NaN)} to ${rounded(sorted[sorted.length - 1] ?? NaN)})` };
}

export function count(value: number, unit: string): Measure {
  return { value, text: `${rounded(value)} ${unit}`.trim() };
}

/** Three digits that tell something, or all before the point. */
export function rounded(value: number): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toLocaleString('en-US', { minimumFractionDigits: 0, maximumFractionDigits: digits });
}
