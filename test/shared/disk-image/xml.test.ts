import { readOvf } from '../../../src/shared/disk-image/ova/ovf';
import { childText, descendants, parseXml } from '../../../src/shared/disk-image/ova/xml';

describe('an XML document', () => {
  test('is read with its attributes, texts, entities and sections, without prefixes', () => {
    const root = parseXml('\ufeff<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><!-- <no> -->\n<p:a q:b="1 &lt; 2" c=\'"x"\'><d>x &amp; &#65;&#x42; &apos;&nope;&#x110000;</d><e/><![CDATA[<f>]]></p:a>\n');
    expect(root).toMatchObject({ name: 'a', text: '<f>', children: [{ name: 'd', text: "x & AB '&nope;&#x110000;" }, { name: 'e' }] });
    expect([...root?.attributes ?? []]).toEqual([['b', '1 < 2'], ['c', '"x"']]);
    expect(childText(root ?? { name: '', attributes: new Map(), children: [], text: '' }, 'd')).toContain('AB');
    expect(childText(root ?? { name: '', attributes: new Map(), children: [], text: '' }, 'z')).toBe('');
    expect(descendants(root ?? { name: '', attributes: new Map(), children: [], text: '' }, 'e')).toHaveLength(1);
  });

  test('may be as deep as 63 elements, and no deeper', () => {
    const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
    expect(parseXml(nested(63))).toBeDefined();
    expect(parseXml(nested(64))).toBeUndefined();
  });

  test.each([
    ['nothing', ''],
    ['an element that is not closed', '<a><b></b>'],
    ['an element that is closed twice', '<a></a></a>'],
    ['elements that overlap', '<a><b></a></b>'],
    ['an attribute that does not end', '<a b="1></a>'],
    ['an element that does not end', '<a'],
    ['more depth than any descriptor has', '<a>'.repeat(100) + '</a>'.repeat(100)],
    ['more elements than any descriptor has', `<a>${'<b/>'.repeat(20_001)}</a>`],
  ])('of %s is not read', (_, document) => {
    expect(parseXml(document)).toBeUndefined();
  });

  test.each([
    ['a name', `<${'a'.repeat(500_000)}`],
    ['attributes', `<a ${'b'.repeat(500_000)}`],
    ['words in a tag', `<a ${'b '.repeat(250_000)}/>`],
    ['blanks in a tag', `<a b${' '.repeat(500_000)}c/>`],
    ['a document type', `<!DOCTYPE ${'a'.repeat(500_000)}`],
    ['quotes', `<a ${'"'.repeat(500_001)}`],
    ['beginnings', '<'.repeat(500_000)],
    ['comments', '<!--'.repeat(125_000)],
    ['sections', '<a><![CDATA['.repeat(40_000)],
    ['ampersands', `<a>${'&'.repeat(500_000)}</a>`],
  ])('of half a megabyte of %s takes no time', (_, document) => {
    const before = process.hrtime.bigint();
    parseXml(document);
    expect(Number(process.hrtime.bigint() - before) / 1e6).toBeLessThan(2000);
  });
});

describe('an OVF descriptor', () => {
  const disk = (attributes: string) => readOvf(`<Envelope><Disk diskId="d" ${attributes}/></Envelope>`)?.disks[0]?.capacity;

  test.each([
    ['capacity="7"', 7],
    ['capacity="7" capacityAllocationUnits="byte"', 7],
    ['capacity="7" capacityAllocationUnits="byte * 2^30"', 7 * 2 ** 30],
    ['capacity="7" capacityAllocationUnits="byte*2^20"', 7 * 2 ** 20],
    ['capacity="7" capacityAllocationUnits="byte * 10^9"', 7e9],
    ['capacity="7" capacityAllocationUnits="GigaBytes"', 7 * 2 ** 30],
    ['capacity="7" capacityAllocationUnits="parsec"', 7],
    ['capacity="${disk.size}"', 0],
    ['', 0],
  ])('with a disk of %s gives it %i bytes', (attributes, capacity) => {
    expect(disk(attributes)).toBe(capacity);
  });

  test.each([
    ['Description', '<OperatingSystemSection><Description>Ubuntu Linux (64-bit)</Description></OperatingSystemSection>', 'Ubuntu Linux (64-bit)', 'Linux'],
    ['osType', '<OperatingSystemSection vmw:osType="windows2019srv_64Guest"/>', 'windows2019srv_64Guest', 'Windows'],
    ['OSType', '<OperatingSystemSection><vbox:OSType>Debian_64</vbox:OSType></OperatingSystemSection>', 'Debian_64', 'Linux'],
    ['nothing', '<OperatingSystemSection/>', '', 'other'],
  ])('names the guest by %s', (_, section, guestOs, guestPlatform) => {
    expect(readOvf(`<Envelope>${section}</Envelope>`)).toMatchObject({ guestOs, guestPlatform });
  });

  test('of a file without attributes and a disk without an id is read all the same', () => {
    expect(readOvf('<Envelope><File/><Disk/></Envelope>')).toMatchObject({ files: [{ id: '', href: '', size: 0, chunks: 'whole', compression: '' }], disks: [] });
  });
});
