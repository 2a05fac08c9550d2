import { VMDK_SUBFORMATS, VmdkSubformat } from './image';

/** Text that describes a VMDK: embedded in a sparse extent, or a file of its own. */
export interface VmdkDescriptor {
  readonly subformat: VmdkSubformat;
  readonly extents: readonly string[];
  readonly sectors: number;
  readonly parent: 'none' | 'named';
  readonly encryption: 'none' | 'encrypted';
}

// VMware Virtual Disk Format 5.0, "The Descriptor File":
// https://www.vmware.com/support/developer/vddk/vmdk_50_technote.pdf
const EXTENT = /^(?:RW|RDONLY|NOACCESS)[ \t]+(\d{1,15})[ \t]+\w+(?:[ \t]+"([^"\n]*)")?/gm;

/** `createType` has been written in more than one case, and with a 2 for "two". */
const KNOWN: ReadonlyMap<string, VmdkSubformat> = new Map([
  ...VMDK_SUBFORMATS.map(name => [name.toLowerCase(), name] as const),
  ['2gbmaxextentsparse', 'twoGbMaxExtentSparse'],
  ['2gbmaxextentflat', 'twoGbMaxExtentFlat'],
]);

export function isVmdkDescriptor(text: string): boolean {
  return /^\s*# *Disk DescriptorFile/i.test(text);
}

export function readDescriptor(text: string): VmdkDescriptor {
  const extents = [...text.matchAll(EXTENT)];
  const parent = valueOf(text, 'parentCID');
  return {
    subformat: KNOWN.get(valueOf(text, 'createType').toLowerCase()) ?? 'custom',
    extents: extents.flatMap(([, , name]) => name ?? []),
    sectors: extents.reduce((sum, [, sectors]) => sum + Number(sectors), 0),
    parent: parent === '' || /^f{8}$/i.test(parent) ? 'none' : 'named',
    encryption: valueOf(text, 'encryption.keySafe') === '' ? 'none' : 'encrypted',
  };
}

function valueOf(text: string, key: string): string {
  const line = text.split('\n').find(candidate => candidate.split('=')[0]?.trim().toLowerCase() === key.toLowerCase());
  return (line ?? '').slice((line ?? '').indexOf('=') + 1).trim().replace(/^"|"$/g, '');
}
