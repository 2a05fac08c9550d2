import type { Filter } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error';

/** What filters can ask of a resource: its tags, and its fields by filter name. */
export interface Filterable {
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: Readonly<Record<string, readonly string[]>>;
}

/**
 * EC2's filters: all of them must match, each by one of its values; `*` and `?` are wildcards, `\` escapes.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html#filtering-resources-cli
 */
export function filterBy<T>(
  resources: readonly T[], filters: readonly Filter[] | undefined, names: readonly string[], look: (resource: T) => Filterable,
): readonly T[] {
  const tests = (filters ?? []).map((filter) => compile(filter, names));
  return tests.length === 0 ? resources : resources.filter((resource) => {
    const filterable = look(resource);
    return tests.every((test) => test(filterable));
  });
}

type Test = (resource: Filterable) => boolean;

function compile({ Name: name = '', Values: values = [] }: Filter, names: readonly string[]): Test {
  if (values.length === 0) {
    throw new AwsError('InvalidParameterValue', `The filter '${name}' needs a value`);
  }
  if (values.length > 200) {
    throw new AwsError('FilterLimitExceeded', 'The maximum number of filter values specified on a single call is 200');
  }
  const patterns = values.map(wildcards);
  const any = (candidates: Iterable<string>) => [...candidates].some((candidate) => patterns.some((pattern) => pattern.test(candidate)));
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return ({ tags }) => any([tags.get(key)].filter((value) => value !== undefined));
  }
  if (name === 'tag-key') {
    return ({ tags }) => any(tags.keys());
  }
  if (!names.includes(name)) {
    throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
  }
  return ({ fields }) => any(fields[name] ?? []);
}

function wildcards(value: string): RegExp {
  const source = value.replace(/\\[\s\S]|[\s\S]/g, (token) => {
    switch (token) {
      case '*':
        return '[\\s\\S]*';
      case '?':
        return '[\\s\\S]';
      default:
        return (token.length === 2 ? token.slice(1) : token).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    }
  });
  return new RegExp(`^${source}$`);
}
