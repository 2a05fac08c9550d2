import { Property, types, TypeReference } from './assembly';
import { HOSTILE_AMI_TEXTS, HOSTILE_SNAPSHOT_TEXTS, HOSTILE_TEXTS, NOT_SENT } from '../security/hostile-texts';

function takesText(type: TypeReference): boolean {
  return 'collection' in type ? takesText(type.collection.elementtype) : 'primitive' in type && type.primitive === 'string';
}

/** Every text that users can give, but the ids of constructs: properties of structs, and parameters of the disk containers. */
const texts = types.flatMap(({ name, datatype, properties = [], methods = [] }) => [
  ...(datatype ? properties : []).filter(({ type }: Property) => takesText(type)).map((property) => `${name}.${property.name}`),
  ...methods.flatMap((method) => (method.parameters ?? [])
    .filter((parameter) => parameter.name !== 'id' && takesText(parameter.type))
    .map((parameter) => `${name}.${method.name}(${parameter.name})`)),
]);

test('every text that users can give is in the table of hostile ones, or is never sent, for a reason', () => {
  const sent = [...HOSTILE_TEXTS, ...HOSTILE_AMI_TEXTS, ...HOSTILE_SNAPSHOT_TEXTS].map(({ property }) => property);
  const known = new Set([...sent, ...Object.keys(NOT_SENT)]);
  expect(texts.length).toBeGreaterThan(20);
  expect(texts.filter((text) => !known.has(text))).toEqual([]);
  expect(Object.keys(NOT_SENT).filter((text) => !texts.includes(text))).toEqual([]);
});
