import { Failure } from './failure';
import type { Properties, PropertyValue } from './requests';

/** Reads typed values out of CloudFormation's strings, and names the property where it cannot. */
export class PropertyReader {
  constructor(private readonly path: string, private readonly properties: Properties) {}

  has(name: string): boolean {
    return this.properties[name] !== undefined;
  }

  optional(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  string(name: string): string {
    const value = this.text(name);
    if (value === '') {
      throw this.wrong(name, 'a string');
    }
    return value;
  }

  /** Those of the named properties that are there. */
  strings<K extends string>(...names: K[]): { [name in K]?: string } {
    const found: { [name in K]?: string } = {};
    for (const name of names) {
      const value = this.optional(name);
      if (value !== undefined) {
        found[name] = value;
      }
    }
    return found;
  }

  number(name: string): number {
    const value = Number(this.string(name));
    if (!Number.isFinite(value)) {
      throw this.wrong(name, 'a number');
    }
    return value;
  }

  date(name: string): Date {
    const value = new Date(this.string(name));
    if (Number.isNaN(value.getTime())) {
      throw this.wrong(name, 'an ISO 8601 time');
    }
    return value;
  }

  map(name: string): Record<string, string> {
    const child = this.has(name) ? this.child(name) : new PropertyReader(this.path, {});
    return Object.fromEntries(Object.keys(child.properties).map((key) => [key, child.text(key)]));
  }

  /** A list of strings; empty where there is none. */
  list(name: string): string[] {
    const value = this.properties[name] ?? [];
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw this.wrong(name, 'a list of strings');
    }
    return value;
  }

  child(name: string): PropertyReader {
    const value = this.properties[name];
    if (!isProperties(value)) {
      throw this.wrong(name, 'an object');
    }
    return new PropertyReader(`${this.path}.${name}`, value);
  }

  children(name: string): PropertyReader[] {
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

  private text(name: string): string {
    const value = this.properties[name];
    if (typeof value !== 'string') {
      throw this.wrong(name, 'a string');
    }
    return value;
  }

  private wrong(name: string, expected: string): Failure {
    return new Failure(`The property ${this.path}.${name} must be ${expected}; use the VmImportImage construct, which writes it.`);
  }
}

function isProperties(value: PropertyValue): value is Properties {
  return typeof value === 'object' && !Array.isArray(value);
}
