import { isForeignMember, memberName, targetOf } from '../../../src/shared/disk-image/ova/reference';

describe('a reference of an OVF descriptor', () => {
  test.each<[string, string, string, readonly string[]]>([
    ['is decoded first and taken literally second', 'my%20box.vmdk', 'box.ovf', ['my box.vmdk', 'my%20box.vmdk']],
    ['with a percent sign that begins no octet keeps it', '100%.vmdk', 'box.ovf', ['100%.vmdk']],
    ['whose octets are not UTF-8 is taken literally', 'box%ff.vmdk', 'box.ovf', ['box%ff.vmdk']],
    ['is relative to the folder of the descriptor', 'd.vmdk', 'vm/box.ovf', ['vm/d.vmdk', 'd.vmdk']],
    ['that begins with a slash is relative to the archive', '/d.vmdk', 'vm/box.ovf', ['d.vmdk']],
    ['loses its query and its fragment', 'd.vmdk?a#b', 'box.ovf', ['d.vmdk', 'd.vmdk?a#b']],
    ['with a colon but no authority may be a file name', 'disk:1.vmdk', 'box.ovf', ['disk:1.vmdk']],
  ])('%s', (_, href, descriptor, names) => {
    expect(targetOf(href, descriptor)).toEqual({ kind: 'in archive', names });
  });

  test.each(['https://example.com/d.vmdk', '//example.com/d.vmdk'])('that is the URL %s leads out of the archive', href => {
    expect(targetOf(href, 'box.ovf')).toEqual({ kind: 'elsewhere' });
  });
});

test('the name of a member has one form, without dots and composed', () => {
  expect(memberName('./vm//x/../u\u0308.vmdk')).toBe('vm/\u00fc.vmdk');
});

test.each([
  ['._box.ovf', true], ['vm/._box.ovf', true], ['.DS_Store', true], ['vm/Thumbs.db', true], ['__MACOSX/box.ovf', true], ['PaxHeaders.12/box.ovf', true],
  ['box.ovf', false], ['vm/box._ovf', false], ['my__MACOSX/box.ovf', false],
])('whether %s is a file that an operating system adds: %s', (name, foreign) => {
  expect(isForeignMember(name)).toBe(foreign);
});
