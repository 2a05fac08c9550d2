import type { Aws } from './aws';
import { amisByImportId, importedImages } from './describe';
import { importIdPattern, parseImportId, type ImportName } from './identity';
import { imageVersionOf, type Import } from './import';

/**
 * The import of some content that stands already under one custom resource. An update that CloudFormation rolls
 * back asks for the properties of before; then the import of before, which still stands, is the answer, and not
 * an hour of importing the same disk again.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes-update.html
 */
export async function findStandingImport(aws: Aws, name: ImportName, wanted: Omit<Import, 'id'>): Promise<string | undefined> {
  const ids =
    wanted.request.source.kind === 'import'
      ? (await amisByImportId(aws, importIdPattern(name))).map((ami) => ami.importId)
      // The AMI of an adopted task is not ours to tag; its image, long listed, carries the id.
      : (await importedImages(aws, imageVersionOf(wanted))).map((image) => image.importId);
  return ids.find((id) => {
    const found = parseImportId(id);
    return found?.resource === name.resource && found.content === name.content;
  });
}
