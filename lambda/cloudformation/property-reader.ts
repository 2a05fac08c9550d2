import { Failure } from './failure';
import type { Properties, PropertyValue } from './requests';

/** The names of the properties of `T` whose values are a `V`. */
type NamesOf<T, V> = { [name in keyof T & string]-?: NonNullable<T[name]> extends V ? name : never }[keyof T & string];

type ItemOf<T> = NonNullable<T> extends readonly (infer Item)[] ? Item : never;

/**
 * Reads the properties of a contract `T` as CloudFormation delivers them, with every number and boolean as a string. A value
 * of another form is a `Failure` that names the property.
 */
export class PropertyReader<T> {
  constructor(private readonly path: string, private readonly properties: Properties) {}

  has(name: keyof T & string): boolean {
    return this.properties[name] !== undefined;
  }

  optional(name: NamesOf<T, string>): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  string(name: NamesOf<T, string>): string {
    return this.filled(name);
  }

  /** Returns those of the named properties that are present. */
  strings<K extends NamesOf<T, string>>(...names: K[]): { [name in K]?: string } {
    const found: { [name in K]?: string } = {};
    for (const name of names) {
      const value = this.optional(name);
      if (value !== undefined) {
        found[name] = value;
      }
    }
    return found;
  }

  boolean(name: NamesOf<T, boolean>): boolean {
    return this.text(name) === 'true';
  }

  number(name: NamesOf<T, number>): number {
    const value = Number(this.filled(name));
    if (!Number.isFinite(value)) {
      throw this.wrong(name, 'a number');
    }
    return value;
  }

  date(name: NamesOf<T, string>): Date {
    const value = new Date(this.string(name));
    if (Number.isNaN(value.getTime())) {
      throw this.wrong(name, 'an ISO 8601 time');
    }
    return value;
  }

  /** Returns a map of strings, empty if the property is absent. */
  map(name: NamesOf<T, Readonly<Record<string, string>>>): Record<string, string> {
    const value = this.properties[name] ?? {};
    if (!isProperties(value)) {
      throw this.wrong(name, 'an object');
    }
    const entries = new PropertyReader(`${this.path}.${name}`, value);
    return Object.fromEntries(Object.keys(value).map((key) => [key, entries.text(key)]));
  }

  /** Returns a list of strings, empty if the property is absent. */
  list(name: NamesOf<T, readonly string[]>): string[] {
    const value = this.properties[name] ?? [];
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw this.wrong(name, 'a list of strings');
    }
    return value;
  }

  child<K extends keyof T & string>(name: K): PropertyReader<NonNullable<T[K]>> {
    const value = this.properties[name];
    if (!isProperties(value)) {
      throw this.wrong(name, 'an object');
    }
    return new PropertyReader(`${this.path}.${name}`, value);
  }

  children<K extends keyof T & string>(name: K): PropertyReader<ItemOf<T[K]>>[] {
    const value = this.properties[name];
    if (!Array.isArray(value)) {
      throw this.wrong(name, 'a list');
    }
    return value.map((item: PropertyValue, index) => {
      if (!isProperties(item)) {
        throw this.wrong(`${name}[${index}]`, 'an object');
      }
      return new PropertyReader(`${this.path}.${name}[${index}]`, item);
    });
  }

  private filled(name: string): string {
    const value = this.text(name);
    if (value === '') {
      throw this.wrong(name, 'a string');
    }
    return value;
  }

  private text(name: string): string {
    const value = this.properties[name];
    if (typeof value !== 'string') {
      throw this.wrong(name, 'a string');
    }
    return value;
  }

  private wrong(name: string, expected: string): Failure {
    return new Failure(`The property ${this.path}.${name} must be ${expected}. Use the VmImportImage construct, which writes it.`);
  }
}

function isProperties(value: PropertyValue): value is Properties {
  return typeof value === 'object' && !Array.isArray(value);
}
