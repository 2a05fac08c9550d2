import { Construct } from 'constructs';
import { ValidationError } from './requirements';
import { TAG_PREFIX } from '../../shared/contract/names';

/** Image Builder's and EC2's limit is 50; five are the library's own. */
const MOST_TAGS = 45;
/**
 * The pattern of tag keys in older and in newer versions of Image Builder's model. AWS does not say which one its API enforces, so only a key
 * that neither of them allows is an error. https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImportVmImage.html
 */
const KEYS = [/^[a-zA-Z+-=._:/]+$/, /^[a-zA-Z0-9\s_.:/=+\-@]*$/];

/** The CDK's tag manager loses this key without a word. */
const LOST_KEY = '__proto__';

export function validateGivenTags(scope: Construct, tags: Readonly<Record<string, string>> = {}): void {
  if (Object.keys(tags).includes(LOST_KEY)) {
    throw new ValidationError(`The tag key "${LOST_KEY}" means something else in JavaScript: choose another one.`, scope);
  }
}

/**
 * One sentence for each thing that EC2 or Image Builder would refuse; found when all tags are known, as aspects add
 * tags until synthesis.
 */
export function tagErrors(tags: Readonly<Record<string, string>>, resourceType: string): string[] {
  const keys = Object.keys(tags);
  return [
    ...(keys.length > MOST_TAGS ? [`The image has ${keys.length} tags: remove some, as ${MOST_TAGS} are the most that AWS leaves beside this library's.`] : []),
    ...keys.flatMap((key) => keyErrors(key, resourceType)),
    ...Object.entries(tags).filter(([, value]) => value.length > 256)
      .map(([key, value]) => `The value of the tag ${key} has ${value.length} characters: shorten it to 256.`),
  ];
}

function keyErrors(key: string, resourceType: string): string[] {
  const name = JSON.stringify(key);
  if (key.startsWith(TAG_PREFIX)) {
    return [`The tag key ${name} begins with ${TAG_PREFIX}, which this library keeps for itself: choose another one.`];
  }
  if (key.startsWith('aws:')) {
    return [`The tag key ${name} begins with aws:, which AWS keeps for itself: choose another one.`];
  }
  if (key.length > 127) {
    return [`The tag key ${name} has ${key.length} characters: shorten it to 127.`];
  }
  if (!KEYS.some((pattern) => pattern.test(key))) {
    return [`The tag key ${name} has a character that Image Builder does not accept: use letters, digits, spaces and +-=._:/@, or exclude the import, as in Tags.of(app).add(key, value, { excludeResourceTypes: ['${resourceType}'] }).`];
  }
  return [];
}
