import { severityOf } from './catalogue';
import { Expectation, Finding, finding, isWrittenAsItIs } from './finding';
import { judgeDisk } from './judge-disk';
import { judgeDeclaredFormat, judgeForeign } from './judge-format';
import { judgeOva } from './judge-ova';
import { Subject, subjectOf } from './subject';
import { Image } from '../formats/image';
import { ImageFile } from '../reading/image-file';

/** All findings about an image, the gravest first. A pure function: everything it says follows from what was read. */
export function judge(image: Image, expectation: Expectation, unseen: ImageFile['unseen']): Finding[] {
  const subject = subjectOf(expectation.fileName);
  const treatment = isWrittenAsItIs(expectation) ? 'as it is' : 'converted';
  const findings = judgeImage(image, expectation, subject).map(one => ({ ...one, severity: severityOf(one.code, treatment) }));
  const certain = unseen === 'none' || (unseen === 'limits' && image.format === 'OVA');
  return [...(certain ? findings : findings.map(doubted)), ...judgeUnseen(unseen, subject)]
    .sort((a, b) => GRAVITY[a.severity] - GRAVITY[b.severity]);
}

const GRAVITY = { error: 0, warning: 1, info: 2 } as const;

function judgeImage(image: Image, expectation: Expectation, subject: Subject): Finding[] {
  switch (image.format) {
    case 'OVA': return [...judgeDeclaredFormat(image, expectation, subject), ...judgeOva(image, expectation, subject)];
    case 'VMDK':
    case 'VHD':
    case 'VHDX':
    case 'qcow2':
    case 'RAW': return [
      ...judgeDeclaredFormat(image, expectation, subject),
      ...judgeDisk(image, expectation, subject),
    ];
    default: return judgeForeign(image, subject);
  }
}

/** Bytes that we did not get may be all that is missing: a doubt is never an error. */
function doubted(one: Finding): Finding {
  return one.severity === 'error' ? { ...one, severity: 'warning' } : one;
}

function judgeUnseen(unseen: ImageFile['unseen'], { label }: Subject): Finding[] {
  switch (unseen) {
    case 'none': return [];
    case 'limits': return [finding('inspection-incomplete', `${label} has more parts than a quick look reads: some were not looked at.`, 'Nothing to do: the import itself reads all.')];
    case 'reader': return [finding('inspection-incomplete', `${label} gave fewer bytes than it has: some parts were not looked at.`, 'Look again, when the file is no longer being written.')];
  }
}
