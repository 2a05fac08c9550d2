import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What jsii wrote of the public API, as far as the tests ask: https://github.com/aws/jsii/blob/main/packages/@jsii/spec/src/assembly.ts */
export interface Assembly {
  readonly types: Readonly<Record<string, AssemblyType>>;
}

export interface Docs {
  readonly summary?: string;
  readonly remarks?: string;
  readonly default?: string;
  readonly see?: string;
  readonly custom?: Readonly<Record<string, string>>;
}

export type TypeReference =
  | { readonly primitive: string }
  | { readonly fqn: string }
  | { readonly collection: { readonly kind: string; readonly elementtype: TypeReference } }
  | { readonly union: { readonly types: readonly TypeReference[] } };

export interface Parameter {
  readonly name: string;
  readonly type: TypeReference;
  readonly optional?: boolean;
  readonly docs?: Docs;
}

export interface Member {
  readonly name: string;
  readonly docs?: Docs;
  readonly static?: boolean;
  readonly protected?: boolean;
}

export interface Property extends Member {
  readonly type: TypeReference;
  readonly optional?: boolean;
  readonly immutable?: boolean;
}

export interface Method extends Member {
  readonly parameters?: readonly Parameter[];
  readonly returns?: { readonly type: TypeReference; readonly optional?: boolean };
}

export interface AssemblyType {
  readonly kind: 'class' | 'enum' | 'interface';
  readonly name: string;
  readonly fqn: string;
  readonly docs?: Docs;
  readonly abstract?: boolean;
  /** An interface of properties only, which languages make a struct of. */
  readonly datatype?: boolean;
  readonly base?: string;
  readonly interfaces?: readonly string[];
  readonly initializer?: { readonly parameters?: readonly Parameter[]; readonly docs?: Docs };
  readonly members?: readonly Member[];
  readonly methods?: readonly Method[];
  readonly properties?: readonly Property[];
}

/** The assembly that the last compilation wrote. */
export const assembly = JSON.parse(readFileSync(join(__dirname, '..', '..', '.jsii'), 'utf8')) as Assembly;

/** Every public type, in the order of their names. */
export const types: readonly AssemblyType[] = Object.values(assembly.types).sort((a, b) => a.fqn.localeCompare(b.fqn));

/** The names of all types that a reference speaks of. */
export function namesIn(reference: TypeReference): readonly string[] {
  if ('fqn' in reference) {
    return [reference.fqn];
  }
  if ('collection' in reference) {
    return namesIn(reference.collection.elementtype);
  }
  return 'union' in reference ? reference.union.types.flatMap(namesIn) : [];
}
