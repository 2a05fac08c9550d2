import { gzipSync } from 'node:zlib';
import { codes, inspect } from './look';
import { Expectation, Inspection } from '../../../src/shared/disk-image';
import { descriptor, Member, member, tar } from '../../disk-images/archives';
import { recordedImages } from '../../disk-images/image-library';
import { patched } from '../../disk-images/patch';
import { streamVmdk } from '../../disk-images/stream-vmdk';

const library = new Map(recordedImages().map(({ name, file }) => [name, file]));
const bytesOf = (name: string) => library.get(name)?.bytes() ?? new Uint8Array(0);
const guest = bytesOf('gpt-uefi-raw');
const VMWARE = descriptor('vmware');
const VIRTUALBOX = descriptor('virtualbox');

const vmware: readonly Member[] = [
  ['rhel9.ovf', VMWARE],
  ['rhel9.mf', 'SHA256(rhel9.ovf)= 0000\n'],
  ['rhel9-disk1.vmdk', streamVmdk(guest)],
  ['rhel9-disk2.vmdk', bytesOf('blank-vmdk-stream')],
  ['rhel9-file3.nvram', Buffer.alloc(8684, 1)],
];
const virtualBox: readonly Member[] = [['server.ovf', VIRTUALBOX], ['server-disk001.vmdk', streamVmdk(guest)], ['server.mf', 'SHA1 (server.ovf) = 0\n']];

/** The members with some replaced, added, or taken away. */
function changed(members: readonly Member[], changes: Record<string, Uint8Array | string | undefined>): Member[] {
  const kept = members.filter(([name]) => !(name in changes));
  const added = Object.entries(changes).flatMap(([name, content]) => content === undefined ? [] : [[name, content] as const]);
  return [...added.filter(([name]) => name.endsWith('.ovf')), ...kept, ...added.filter(([name]) => !name.endsWith('.ovf'))];
}

function look(members: readonly Member[], expectation: Partial<Expectation> = {}): Inspection {
  return inspect(tar(members, '--format=ustar'), { fileName: 'rhel9.ova', format: 'OVA', platform: 'Linux', bootMode: 'uefi', ...expectation });
}

describe('an OVA', () => {
  test('whose disk does not say its size has the capacity of its descriptor', () => {
    expect(look(changed(vmware, { 'rhel9-disk1.vmdk': patched(bytesOf('gpt-uefi-qcow2'), [24, new Uint8Array(8)]) }))).toMatchObject({
      disks: [{ place: 'in archive', virtualSize: guest.length }, {}, {}],
    });
  });

  test.each(['ustar', 'gnu', 'posix', 'v7'])('of VMware in a %s archive is read with its disks and has no finding', format => {
    const seen = inspect(tar(vmware, `--format=${format}`), { fileName: 'rhel9.ova', format: 'OVA', platform: 'Linux', bootMode: 'uefi' });
    expect(seen).toMatchObject({
      format: 'OVA',
      subformat: 'ovf first',
      listing: 'whole',
      virtualSize: 6 * 2 ** 20 * 2 + 2 ** 30,
      members: vmware.map(([name]) => name),
      disks: [
        { diskId: 'vmdisk1', href: 'rhel9-disk1.vmdk', place: 'in archive', virtualSize: guest.length, image: { subformat: 'streamOptimized', partitionTable: { kind: 'gpt', primary: 'valid' } } },
        { diskId: 'vmdisk2', href: 'rhel9-disk2.vmdk', place: 'in archive', image: { subformat: 'streamOptimized', partitionTable: { kind: 'none' } } },
        { diskId: 'vmdisk3', href: '', place: 'blank', virtualSize: 2 ** 30 },
      ],
      descriptor: { kind: 'read', ovf: { virtualSystems: 1, guestOs: 'Red Hat Enterprise Linux 9 (64-bit)', guestPlatform: 'Linux', firmware: 'efi', hardware: ['vmx-19'] } },
      findings: [],
    });
    expect(seen).not.toHaveProperty('truncated.neededSize');
    expect(seen.cost.reads).toBeLessThanOrEqual(8);
  });

  test('of VirtualBox is read with its disk and has no finding', () => {
    const seen = look(virtualBox, { platform: 'Windows' });
    expect(seen).toMatchObject({
      disks: [{ diskId: 'vmdisk1', place: 'in archive', virtualSize: guest.length, image: { subformat: 'streamOptimized', partitionTable: { kind: 'gpt' } } }],
      descriptor: { kind: 'read', ovf: { guestOs: 'Windows2019_64', guestPlatform: 'Windows', firmware: 'efi', hardware: ['virtualbox-2.2'] } },
      findings: [],
    });
    expect(seen.cost.reads).toBeLessThanOrEqual(8);
  });

  test.each<[string, Member[], Partial<Expectation>, string[], RegExp]>([
    ['a disk that is not stream-optimized', changed(vmware, { 'rhel9-disk2.vmdk': bytesOf('blank-vmdk-sparse') }), {}, ['vmdk-not-stream-optimized'],
      /^rhel9-disk2\.vmdk in rhel9\.ova is a monolithicSparse VMDK.*Convert it: tar -xf rhel9\.ova rhel9-disk2\.vmdk && qemu-img convert -p -f vmdk -O vmdk -o subformat=streamOptimized rhel9-disk2\.vmdk rhel9-disk2-importable\.vmdk$/],
    ['a disk that is a VHD without partitions beside the one that boots', changed(vmware, { 'rhel9-disk2.vmdk': bytesOf('blank-vhd-dynamic') }), {}, [], /^$/],
    ['a disk that is RAW', changed(vmware, { 'rhel9-disk2.vmdk': bytesOf('mbr-raw') }), {}, [], /^$/],
    ['a disk that is a fixed VHD', changed(vmware, { 'rhel9-disk2.vmdk': bytesOf('mbr-vhd-fixed') }), {}, [], /^$/],
    ['a disk that is a VHDX', changed(vmware, { 'rhel9-disk2.vmdk': bytesOf('mbr-vhdx-dynamic') }), {}, [], /^$/],
    ['a disk that is a qcow2', changed(vmware, { 'rhel9-disk1.vmdk': bytesOf('gpt-uefi-qcow2') }), {}, ['format-not-importable'], /rhel9-disk1\.vmdk in rhel9\.ova is a qcow2 image/],
    ['a disk compressed by gzip', changed(vmware, { 'rhel9-disk1.vmdk': gzipSync(streamVmdk(guest)) }), {}, ['ova-disk-compressed'], /is compressed by gzip, on top.*gzip -dc rhel9-disk1\.vmdk > rhel9-disk1-importable\.vmdk$/],
    ['a disk compressed by gzip, as its descriptor says',
      changed(vmware, { 'rhel9.ovf': VMWARE.replace('ovf:id="file1"', 'ovf:id="file1" ovf:compression="gzip"'), 'rhel9-disk1.vmdk': gzipSync(streamVmdk(guest)) }), {}, ['ova-disk-compressed'], /gzip, as its descriptor says, on top/],
    ['chunks that its descriptor names', changed(vmware, { 'rhel9.ovf': VMWARE.replace('ovf:id="file1"', 'ovf:id="file1" ovf:chunkSize="65536"') }), {}, ['ova-chunked'], /holds chunked disk files \(rhel9-disk1\.vmdk\).*ovftool rhel9\.ova rhel9-importable\.ova/],
    ['chunks that only its files show', changed(vmware, { 'rhel9-disk1.vmdk': undefined, 'rhel9-disk1.vmdk.000000000': 'a', 'rhel9-disk1.vmdk.000000001': 'b' }), {}, ['ova-chunked'], /rhel9-disk1\.vmdk/],
    ['a chunk of nothing', changed(vmware, { 'rhel9.ovf': VMWARE.replace('ovf:id="file1"', 'ovf:id="file1" ovf:chunkSize="65536"').replace('ovf:capacity="6144"', '') }), {}, ['ova-chunked'], /chunked/],
    ['a disk whose file is missing', changed(vmware, { 'rhel9-disk2.vmdk': undefined }), {}, ['ova-disk-missing'], /lacks the file of disk vmdisk2 \(rhel9-disk2\.vmdk\)/],
    ['a disk whose reference is missing', changed(vmware, { 'rhel9.ovf': VMWARE.replace('ovf:fileRef="file2"', 'ovf:fileRef="file9"') }), {}, ['ova-disk-missing'], /lacks the file of disk vmdisk2 \(\)/],
    ['no disk', changed(vmware, { 'rhel9.ovf': VMWARE.replace(/<DiskSection>[^]*<\/DiskSection>/, '') }), {}, ['ova-no-disk'], /names no disk/],
    ['22 disks', changed(vmware, { 'rhel9.ovf': VMWARE.replace('</DiskSection>', '<Disk ovf:diskId="more" ovf:capacity="9"/>'.repeat(19) + '</DiskSection>') }), {}, ['ova-too-many-disks'], /holds 22 disks: VM Import\/Export takes at most 21/],
    ['21 disks', changed(vmware, { 'rhel9.ovf': VMWARE.replace('</DiskSection>', '<Disk ovf:diskId="more" ovf:capacity="9"/>'.repeat(18) + '</DiskSection>') }), {}, [], /^$/],
    ['a blank disk of 17 TiB', changed(vmware, { 'rhel9.ovf': VMWARE.replace('ovf:capacity="1"', 'ovf:capacity="17408"') }), {}, ['disk-too-large'], /vmdisk3 in rhel9\.ova holds a disk of 17\.00 TiB/],
    ['a blank disk of 9 TiB', changed(vmware, { 'rhel9.ovf': VMWARE.replace('ovf:capacity="1"', 'ovf:capacity="9216"') }), {}, ['disk-over-8-tib'], /9\.00 TiB/],
    ['two systems', changed(vmware, { 'rhel9.ovf': VMWARE.replace('<VirtualSystem ', '<VirtualSystemCollection><VirtualSystem ovf:id="b"/></VirtualSystemCollection><VirtualSystem ') }), {}, ['ova-several-systems'], /holds 2 virtual systems/],
    ['another firmware than declared', [...vmware], { bootMode: 'legacy-bios' }, ['boot-mode-differs-from-ovf', 'boot-mode-legacy-on-gpt'], /declared to boot in legacy-bios mode, but its OVF descriptor says efi.*Declare the boot mode uefi/],
    ['BIOS firmware against UEFI', changed(vmware, { 'rhel9.ovf': VMWARE.replace('vmw:value="efi"', 'vmw:value="bios"') }), {}, ['boot-mode-differs-from-ovf'], /says bios.*Declare the boot mode legacy-bios/],
    ['no word on firmware', changed(vmware, { 'rhel9.ovf': VMWARE.replace('vmw:key="firmware"', 'vmw:key="x"') }), {}, [], /^$/],
    ['another platform than declared', [...vmware], { platform: 'Windows' }, ['platform-differs-from-ovf'], /declared as Windows, but its OVF descriptor says Red Hat.*Declare the platform Linux/],
    ['a guest that nobody knows', changed(vmware, { 'rhel9.ovf': VMWARE.replace(/<Description>Red Hat[^<]*</, '<Description>Plan 9<') }), { platform: 'Windows' }, [], /^$/],
    ['no operating system section', changed(vmware, { 'rhel9.ovf': VMWARE.replace(/<OperatingSystemSection[^]*<\/OperatingSystemSection>/, '') }), { platform: 'Windows' }, [], /^$/],
    ['its descriptor behind another file', [...vmware.slice(1), ...vmware.slice(0, 1)], {}, ['ova-descriptor-not-first'],
      /does not begin with its OVF descriptor.*mkdir rhel9-unpacked && tar -xf rhel9\.ova -C rhel9-unpacked && tar -cf rhel9-importable\.ova -C rhel9-unpacked rhel9\.ovf rhel9\.mf rhel9-disk1\.vmdk/],
    ['a descriptor that is no XML', changed(vmware, { 'rhel9.ovf': 'hello' }), {}, ['ova-descriptor-unreadable'], /not well-formed/],
    ['a descriptor in an encoding that nobody knows', changed(vmware, { 'rhel9.ovf': '<?xml version="1.0" encoding="x-nobody"?><Envelope/>' }), {}, ['ova-descriptor-unreadable'],
      /has an encoding that is not known \(x-nobody\)/],
    ['a descriptor that is another document', changed(vmware, { 'rhel9.ovf': '<domain/>' }), {}, ['ova-descriptor-unreadable'], /not well-formed/],
    ['another declared format', [...vmware], { format: 'VMDK' }, ['format-mismatch'], /declared as VMDK but is an OVA/],
    ['the role of a data disk', changed(vmware, { 'rhel9-disk1.vmdk': bytesOf('blank-vmdk-stream') }), { role: 'data disk' }, [], /^$/],
    ['a blank disk to boot from', changed(vmware, { 'rhel9-disk1.vmdk': bytesOf('blank-vmdk-stream') }), {}, ['partition-table-missing'], /rhel9-disk1\.vmdk in rhel9\.ova has no partition table/],
  ])('with %s has the findings it deserves', (_, members, expectation, found, says) => {
    const seen = look(members, expectation);
    expect(codes(seen)).toEqual(found);
    expect(seen.findings.slice(0, 1).map(({ message, remedy }) => `${message} ${remedy}`).join()).toMatch(says);
  });

  test('that ends early is truncated, and its lost disks are not called missing twice', () => {
    const whole = tar(vmware, '--format=ustar');
    const seen = inspect(whole.subarray(0, 60 * 1024), { fileName: 'rhel9.ova' });
    expect(seen).toMatchObject({ format: 'OVA', listing: 'whole', truncated: {} });
    expect(codes(seen)).toContain('image-truncated');
  });

  test('whose last blocks are garbage is listed in part, and nothing is called missing', () => {
    const garbage = Buffer.concat([tar(changed(vmware, { 'rhel9-disk2.vmdk': undefined }), '--format=ustar', '-b', '1'), Buffer.alloc(2048, 7)]);
    const start = garbage.length - 2048 - 1024;
    garbage.fill(7, start);
    expect(inspect(garbage, { fileName: 'rhel9.ova' })).toMatchObject({ listing: 'part', findings: [{ code: 'boot-mode-undeclared' }, { code: 'inspection-incomplete', message: expect.stringContaining('vmdisk2 (rhel9-disk2.vmdk)') }] });
  });

  test('with long names in GNU and PAX headers, and folders, is read', () => {
    const long = 'x'.repeat(120);
    for (const [format, folder] of [['gnu', ''], ['posix', ''], ['ustar', 'y'.repeat(60) + '/']] as const) {
      const members: Member[] = [[`${folder}${format === 'ustar' ? 'z'.repeat(80) : long}.ovf`, VIRTUALBOX], ['./server-disk001.vmdk', streamVmdk(guest)]];
      expect(inspect(tar(members, `--format=${format}`))).toMatchObject({ members: members.map(([name]) => name), disks: [{ place: 'in archive' }] });
    }
  });

  test.each<[string, Uint8Array, object]>([
    ['a size in base 256', Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from(streamVmdk(guest).length.toString(16).padStart(8, '0'), 'hex')]), { listing: 'whole', disks: [{ place: 'in archive' }] }],
    ['a size in base 256 beyond all files', Buffer.from([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), { truncated: {} }],
    ['a negative size', Buffer.from('-0000000777\0'), { listing: 'part', disks: [{ place: 'in archive', image: { format: 'empty' } }] }],
  ])('whose disk has %s is read as far as that goes', (_, size, seen) => {
    const archive = Buffer.concat([member('server.ovf', Buffer.from(VIRTUALBOX)), member('server-disk001.vmdk', streamVmdk(guest), size), Buffer.alloc(1024)]);
    expect(inspect(archive)).toMatchObject(seen);
  });

  test('whose disk is so large that its size stands in a PAX header is read', () => {
    const pax = Buffer.from(`25 size=${streamVmdk(guest).length}\n`);
    const disk = member('server-disk001.vmdk', streamVmdk(guest), '00000000000\0');
    const archive = Buffer.concat([member('server.ovf', Buffer.from(VIRTUALBOX)), member('x', pax, undefined, 'x'), disk, Buffer.alloc(1024)]);
    expect(inspect(archive)).toMatchObject({ listing: 'whole', disks: [{ place: 'in archive', image: { subformat: 'streamOptimized' } }] });
  });

  test('with folders and links beside its files is read', () => {
    const members: Member[] = [['server.ovf', VIRTUALBOX], ['folder/note.txt', 'x'], ['server-disk001.vmdk', streamVmdk(guest)]];
    const seen = inspect(tar(members, '--format=ustar', 'server.ovf', 'folder'), { fileName: 'server.ova' });
    expect(seen).toMatchObject({ listing: 'whole', members: ['server.ovf', 'folder/note.txt', 'server-disk001.vmdk'], disks: [{ place: 'in archive' }] });
  });

  test('of 21 disks keeps within the limits and looks at every one', () => {
    const disks = Array.from({ length: 21 }, (_, i) => `d${i}`);
    const ovf = `<Envelope><References>${disks.map(d => `<File ovf:id="${d}" ovf:href="${d}.vmdk"/>`).join('')}</References><DiskSection>${
      disks.map(d => `<Disk ovf:diskId="${d}" ovf:fileRef="${d}"/>`).join('')}</DiskSection></Envelope>`;
    const seen = look([['a.ovf', ovf], ...disks.map(d => [`${d}.vmdk`, d === 'd20' ? bytesOf('mbr-vmdk-sparse') : streamVmdk(guest)] as const)], { bootMode: 'uefi' });
    expect(codes(seen)).toEqual(['vmdk-not-stream-optimized']);
    expect(seen.cost.reads).toBeLessThanOrEqual(40);
  });

  test('of a hundred files says what it did not look at, and finds no fault with it', () => {
    const files = Array.from({ length: 100 }, (_, i) => [`f${i}.bin`, Buffer.alloc(80 * 1024, i + 1)] as const);
    const seen = look([['server.ovf', VIRTUALBOX], ...files, ...virtualBox.slice(1)], { platform: 'Windows' });
    expect(seen).toMatchObject({ listing: 'part', disks: [{ place: 'not looked at' }] });
    expect(seen.findings).toEqual([expect.objectContaining({ code: 'inspection-incomplete', message: 'Not looked at in rhel9.ova, behind what a quick look reads: vmdisk1 (server-disk001.vmdk).' })]);
  });

  test('without a descriptor is only a tar archive, unless it could not be listed to its end', () => {
    const loose = look(virtualBox.slice(1));
    expect(loose).toMatchObject({ format: 'tar', findings: [{ code: 'ova-no-descriptor', severity: 'error' }] });
    const files = Array.from({ length: 70 }, (_, i) => [`f${i}`, Buffer.alloc(80 * 1024, i + 1)] as const);
    expect(look(files)).toMatchObject({ format: 'OVA', subformat: 'ovf not found', findings: [{ code: 'ova-descriptor-not-first', severity: 'warning' }] });
  });
});
