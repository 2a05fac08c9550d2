import { Service } from './fault';
import { CallFacts } from './faults';
import { World } from './world';

/** What a call names and carries, for rules that match by id or tag. */
export function factsOf(service: Service, action: string, parameters: unknown, world: World): CallFacts {
  const ids = new Set<string>();
  const tags: [string, string][] = [];
  collect(parameters, ids, tags);
  for (const id of ids) {
    world.find(id)?.tags.forEach((value, key) => tags.push([key, value]));
  }
  return { service, action, ids, tags };
}

function collect(value: unknown, ids: Set<string>, tags: [string, string][]): void {
  if (typeof value === 'string') {
    ids.add(value);
    return;
  }
  if (typeof value !== 'object' || value === null) {
    return;
  }
  const { Key, Value, Name, Values, tags: map } = value as Record<string, unknown>;
  if (typeof Key === 'string') {
    tags.push([Key, typeof Value === 'string' ? Value : '']);
  }
  if (typeof Name === 'string' && Name.startsWith('tag:') && Array.isArray(Values)) {
    Values.forEach((one) => tags.push([Name.slice('tag:'.length), String(one)]));
  }
  if (typeof map === 'object' && map !== null) {
    Object.entries(map).forEach(([key, one]) => tags.push([key, String(one)]));
  }
  Object.values(value).forEach((inner) => collect(inner, ids, tags));
}
