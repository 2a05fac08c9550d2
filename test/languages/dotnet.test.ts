import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CsharpFile, readCsharp } from './csharp';
import { blockOf, Workshop } from './workshop';
import { assembly, AssemblyType, Method, Property, types } from '../package/assembly';

/** There is no .NET SDK where the tests run: the generated C# is read instead of compiled. */
const workshop = new Workshop();
let folder = '';
let project = '';
beforeAll(async () => {
  project = join(await workshop.generate('dotnet'), 'CdkVmImport');
  folder = join(project, 'CdkVmImport');
}, 120_000);
afterAll(() => workshop.close());

const read = (name: string): CsharpFile => readCsharp(readFileSync(join(folder, `${name}.cs`), 'utf8'));
const pascal = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
/** C# interfaces begin with I: those of properties only get one. */
const interfaceName = (type: AssemblyType): string => (type.datatype ? `I${type.name}` : type.name);

const ofKind = (kind: AssemblyType['kind'], datatype?: boolean): [string, AssemblyType][] =>
  types.filter((type) => type.kind === kind && (datatype === undefined || (type.datatype ?? false) === datatype)).map((type) => [type.name, type]);

/** Its own properties and those of what it extends, which a C# class repeats. */
const allProperties = (type: AssemblyType): readonly Property[] => [
  ...(type.properties ?? []),
  ...(type.interfaces ?? []).flatMap((fqn) => assembly.types[fqn] ?? []).flatMap(allProperties),
];

function expectProperty(file: CsharpFile, property: Property): void {
  const found = file.members.find(({ name }) => name === property.name);
  expect(found?.code).toMatch(new RegExp(`(^| )${pascal(property.name)}$`));
  expect(found?.attribute.typeJson).toEqual(property.type);
  expect(found?.attribute.isOptional === 'true').toBe(property.optional ?? false);
  expect(/\bstatic\b/.test(found?.code ?? '')).toBe(property.static ?? false);
}

function expectMethod(file: CsharpFile, method: Method): void {
  const found = file.members.find(({ name }) => name === method.name);
  expect(found?.code).toMatch(new RegExp(` ${pascal(method.name)}\\(`));
  expect((found?.attribute.returnsJson as Method['returns'])?.type).toEqual(method.returns?.type);
  const parameters = (found?.attribute.parametersJson ?? []) as readonly { readonly name: string }[];
  expect(parameters.map(({ name }) => name)).toEqual((method.parameters ?? []).map(({ name }) => name));
  expect(/\bstatic\b/.test(found?.code ?? '')).toBe(method.static ?? false);
}

/** Each member once, and none that the assembly does not know. */
function expectMembers(file: CsharpFile, type: AssemblyType): void {
  const known = [...(type.properties ?? []), ...(type.methods ?? [])].map(({ name }) => name).sort();
  expect(file.members.map(({ name }) => name).sort()).toEqual(known);
  type.properties?.forEach((property) => expectProperty(file, property));
  type.methods?.forEach((method) => expectMethod(file, method));
}

test.each(ofKind('class'))('the class %s is a C# class with its constructor and members', (_, type) => {
  const file = read(type.name);
  expect(file.type.name).toBe(type.fqn);
  expect(file.type.code).toMatch(new RegExp(`^public ${type.abstract ? 'abstract ' : ''}class ${type.name} : `));
  const text = readFileSync(join(folder, `${type.name}.cs`), 'utf8');
  const parameters = (type.initializer?.parameters ?? []).map(({ name }) => `[^,()]+ @?${name}(?: = null)?`).join(', ');
  expect(text).toMatch(new RegExp(`^ *(public|protected) ${type.name}\\(${parameters}\\): base\\(`, 'm'));
  expectMembers(file, type);
});

test.each(ofKind('interface', true))('the options %s are a C# interface and a class that can be made', (_, type) => {
  const bases = (type.interfaces ?? []).map((fqn) => `CdkVmImport.I${assembly.types[fqn]?.name}`);
  expect(read(interfaceName(type)).type.code).toBe(['public interface ' + interfaceName(type), ...bases].join(' : '));
  expectMembers(read(interfaceName(type)), type);
  expect(read(type.name).type.code).toMatch(new RegExp(`^public class ${type.name} : CdkVmImport\\.${interfaceName(type)}$`));
  expectMembers(read(type.name), { ...type, properties: allProperties(type) });
});

test.each(ofKind('interface', false))('the interface %s is one in C#', (_, type) => {
  expect(read(type.name).type.code).toMatch(new RegExp(`^public interface ${type.name} : `));
  expectMembers(read(type.name), type);
});

test.each(ofKind('enum'))('the enum %s has its members in C#', (_, type) => {
  const file = read(type.name);
  expect(file.type.code).toBe(`public enum ${type.name}`);
  expect(file.members.map(({ name, code }) => [name, code])).toEqual((type.members ?? []).map(({ name }) => [name, name]));
});

test('the C# of docs/languages.md is the first block of the README as jsii translates it, with names that the package has', async () => {
  const block = blockOf('docs/languages.md', 'csharp');
  expect(block.trimEnd()).toBe(await workshop.translatedReadme('csharp'));

  const membersOf = (name: string) => read(name).members.map((member) => pascal(member.name));
  const options = [...block.matchAll(/^ {4}(\w+) = /gm)].map(([, name = '']) => name);
  expect(options).toContain('DiskContainers');
  expect(membersOf('VmImportImageProps')).toEqual(expect.arrayContaining(options));
  expect(membersOf('DiskContainer')).toContain('FromBucket');
  expect(membersOf('VmImportImage')).toContain('AmiId');
  for (const [, type = '', member = ''] of block.matchAll(/\b(Platform|LicenseType)\.(\w+)/g)) {
    expect(read(type).members.map(({ name }) => name)).toContain(member);
  }
}, 120_000);

test('no C# file stands for anything else', () => {
  const expected = types.flatMap((type) => (type.datatype ? [type.name, interfaceName(type)] : [type.name])).map((name) => `${name}.cs`);
  expect(readdirSync(folder).filter((name) => name.endsWith('.cs') && name !== 'NamespaceDoc.cs').sort()).toEqual(expected.sort());
});

test('no member has the name of its type, which C# refuses', () => {
  for (const type of types.filter(({ kind }) => kind !== 'enum')) {
    expect([...(type.properties ?? []), ...(type.methods ?? [])].map(({ name }) => pascal(name))).not.toContain(type.name);
  }
});

test('the NuGet package carries the npm package, and asks for the CDK that it needs', () => {
  const text = readFileSync(join(project, 'CdkVmImport.csproj'), 'utf8');
  expect(text).toContain('<PackageId>CdkVmImport</PackageId>');
  expect(text).toContain('<PackageReference Include="Amazon.CDK.Lib" Version="[2.197.0,3.0.0)" />');
  const [, tarball = ''] = /<EmbeddedResource Include="([^"]+)" \/>/.exec(text) ?? [];
  expect(existsSync(join(project, tarball))).toBe(true);
});
