import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssemblyType, assembly, Docs, Method, namesIn, Property, types, TypeReference } from './assembly';

/** The rules of awslint that fit a library: https://github.com/aws/aws-cdk/blob/main/docs/DESIGN_GUIDELINES.md */
const classes = types.filter(({ kind }) => kind === 'class');
const interfaces = types.filter(({ kind, datatype }) => kind === 'interface' && !datatype);
const structs = types.filter(({ datatype }) => datatype);
const enums = types.filter(({ kind }) => kind === 'enum');

const properties = (from: readonly AssemblyType[]): [string, Property, AssemblyType][] =>
  from.flatMap((type) => (type.properties ?? []).map((property): [string, Property, AssemblyType] => [`${type.name}.${property.name}`, property, type]));
const methods = (from: readonly AssemblyType[]): [string, Method, AssemblyType][] =>
  from.flatMap((type) => (type.methods ?? []).map((method): [string, Method, AssemblyType] => [`${type.name}.${method.name}`, method, type]));

/** A construct, by what it extends: its own base classes first, then the CDK's. */
function isConstruct(type: AssemblyType): boolean {
  const base = type.base === undefined ? undefined : assembly.types[type.base];
  return base ? isConstruct(base) : ['aws-cdk-lib.Resource', 'aws-cdk-lib.aws_iam.Role', 'constructs.Construct'].includes(type.base ?? '');
}
const constructs = classes.filter(isConstruct);

/** Everything that has documentation of its own, by a name for people. */
const documented: readonly (readonly [string, Docs | undefined])[] = types.flatMap((type) => [
  [type.name, type.docs] as const,
  ...(type.members ?? []).map((member) => [`${type.name}.${member.name}`, member.docs] as const),
  ...(type.properties ?? []).map((property) => [`${type.name}.${property.name}`, property.docs] as const),
  ...(type.methods ?? []).flatMap((method) => [
    [`${type.name}.${method.name}`, method.docs] as const,
    ...(method.parameters ?? []).map((parameter) => [`${type.name}.${method.name}(${parameter.name})`, parameter.docs] as const),
  ]),
  ...(type.initializer?.parameters ?? []).map((parameter) => [`new ${type.name}(${parameter.name})`, parameter.docs] as const),
]);

test('the assembly has what the tests below are about', () => {
  expect(constructs.map(({ name }) => name)).toEqual(expect.arrayContaining(['VmImportImage', 'VmImportProvider', 'VmImportRole']));
  expect([structs.length, enums.length, interfaces.length].every((count) => count > 0)).toBe(true);
});

test('every public type, member and parameter is documented', () => {
  expect(documented.filter(([, docs]) => !docs?.summary?.trim()).map(([name]) => name)).toEqual([]);
});

test('every summary is a whole sentence, which API pages show alone', () => {
  expect(documented.filter(([, docs]) => !/[.!?)`]$/.test(docs?.summary?.trim() ?? '')).map(([name, docs]) => `${name}: ${docs?.summary}`)).toEqual([]);
});

test('every optional property says its default, and no required one has any', () => {
  const props = properties(structs);
  expect(props.filter(([, { optional, docs }]) => optional && !docs?.default).map(([name]) => name)).toEqual([]);
  expect(props.filter(([, { optional, docs }]) => !optional && docs?.default).map(([name]) => name)).toEqual([]);
});

test('a default is a value, or a hyphen and words', () => {
  const defaults = properties(structs).flatMap(([name, { docs }]) => (docs?.default === undefined ? [] : [[name, docs.default.trim()] as const]));
  const value = /^(- .+|true|false|\d+|\w+\.[\w.]+(\(.*\))?|'[^']*'|"[^"]*"|\[.*\]|\{.*\})/s;
  expect(defaults.filter(([, text]) => !value.test(text)).map(([name, text]) => `${name}: ${text}`)).toEqual([]);
});

test('structs hold nothing but what is given: every property is read-only', () => {
  expect(properties(structs).filter(([, { immutable }]) => !immutable).map(([name]) => name)).toEqual([]);
  expect(methods(structs)).toEqual([]);
});

test('types are PascalCase, members camelCase, enum members UPPER_CASE', () => {
  expect(types.filter(({ name }) => !/^[A-Z][a-zA-Z0-9]*$/.test(name)).map(({ name }) => name)).toEqual([]);
  expect([...properties(types), ...methods(types)].filter(([, { name }]) => !/^[a-z][a-zA-Z0-9]*$/.test(name)).map(([name]) => name)).toEqual([]);
  expect(enums.flatMap(({ members = [] }) => members.map(({ name }) => name)).filter((name) => !/^[A-Z][A-Z0-9_]*$/.test(name))).toEqual([]);
});

test('interfaces that are implemented begin with I, structs do not', () => {
  expect(interfaces.filter(({ name }) => !/^I[A-Z]/.test(name)).map(({ name }) => name)).toEqual([]);
  expect(structs.filter(({ name }) => /^I[A-Z]/.test(name)).map(({ name }) => name)).toEqual([]);
});

test('a construct takes scope, id and props, and its props are named after it', () => {
  for (const { name, initializer } of constructs) {
    const [scope, id, props, ...more] = initializer?.parameters ?? [];
    expect([name, scope, id]).toMatchObject([name, { name: 'scope', type: { fqn: 'constructs.Construct' } }, { name: 'id', type: { primitive: 'string' } }]);
    expect([name, props]).toMatchObject([name, { name: 'props', type: { fqn: `cdk-vm-import.${name}Props` } }]);
    expect(more).toEqual([]);
  }
});

test('props that hold nothing required can be left out', () => {
  for (const { name, initializer } of constructs) {
    const required = assembly.types[`cdk-vm-import.${name}Props`]?.properties?.some(({ optional }) => !optional);
    expect([name, initializer?.parameters?.[2]?.optional ?? false]).toEqual([name, !required]);
  }
});

test('every props struct is of a construct', () => {
  const names = constructs.map(({ name }) => `${name}Props`);
  expect(structs.filter(({ name }) => name.endsWith('Props') && !names.includes(name)).map(({ name }) => name)).toEqual([]);
});

test('a resource with an interface can be had from attributes, which its struct names', () => {
  for (const { name } of interfaces) {
    const resource = name.slice(1);
    const from = assembly.types[`cdk-vm-import.${resource}`]?.methods?.find((method) => method.name === `from${resource}Attributes`);
    expect(from).toMatchObject({ static: true, returns: { type: { fqn: `cdk-vm-import.${name}` } } });
    expect(from?.parameters?.map((parameter) => parameter.name)).toEqual(['scope', 'id', 'attrs']);
    expect(from?.parameters?.[2]?.type).toEqual({ fqn: `cdk-vm-import.${resource}Attributes` });
    expect(assembly.types[`cdk-vm-import.${resource}`]?.interfaces).toContain(`cdk-vm-import.${name}`);
  }
});

test('what an interface promises of a resource are attributes, and the resource says so too', () => {
  for (const { name, properties: promised = [] } of interfaces) {
    const resource = assembly.types[`cdk-vm-import.${name.slice(1)}`];
    for (const { name: attribute, docs } of promised) {
      expect([attribute, docs?.custom?.attribute]).toEqual([attribute, 'true']);
      expect([attribute, resource?.properties?.find((property) => property.name === attribute)?.docs?.custom?.attribute]).toEqual([attribute, 'true']);
    }
  }
});

test('times are Durations: no property of a struct is a number of seconds, minutes or hours', () => {
  const isNumber = (type: TypeReference): boolean => 'primitive' in type && type.primitive === 'number';
  const ofTime = /(seconds|minutes|hours|days|timeout|interval|duration|age|period)$/i;
  expect(properties(structs).filter(([, { name, type }]) => ofTime.test(name) && isNumber(type)).map(([name]) => name)).toEqual([]);
});

test('resources are given as interfaces, so that imported ones do', () => {
  const concrete = /^aws-cdk-lib\.aws_\w+\.(Bucket|Key|LogGroup|ManagedPolicy|Role|SecurityGroup|Topic|Vpc)$/;
  expect(properties(structs).filter(([, { type }]) => namesIn(type).some((name) => concrete.test(name))).map(([name]) => name)).toEqual([]);
});

test('no public type leaks a private one: every type that is spoken of is public, here or in the CDK', () => {
  const spokenOf = types.flatMap((type) => [
    type.base ?? [],
    ...(type.interfaces ?? []),
    ...(type.properties ?? []).map(({ type: reference }) => namesIn(reference)),
    ...(type.methods ?? []).map(({ returns }) => (returns ? namesIn(returns.type) : [])),
    ...[type.initializer ?? {}, ...(type.methods ?? [])].flatMap(({ parameters = [] }) => parameters.map((parameter) => namesIn(parameter.type))),
  ]).flat();
  const isPublic = (fqn: string): boolean => fqn in assembly.types || /^(aws-cdk-lib|constructs)\./.test(fqn);
  expect(spokenOf.filter((fqn) => !isPublic(fqn))).toEqual([]);
});

test('nothing is typed any', () => {
  const isAny = (type: TypeReference): boolean => ('collection' in type ? isAny(type.collection.elementtype) : 'primitive' in type && type.primitive === 'any');
  expect(properties(types).filter(([, { type }]) => isAny(type)).map(([name]) => name)).toEqual([]);
});

test('API.md speaks of every public type, and describes all that it lists', () => {
  const page = readFileSync(join(__dirname, '..', '..', 'API.md'), 'utf8');
  expect(types.filter(({ fqn }) => !page.includes(`id="${fqn}"`)).map(({ name }) => name)).toEqual([]);
  expect(page.split('\n').filter((line) => line.includes('No description'))).toEqual([]);
});
