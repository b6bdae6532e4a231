import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ListedEntry, takeEntries } from '../../src/store/listing-xml.ts';

const escaped = (text: string): string =>
  text.replace(/[&<>"'\n]/g, (c) => (c === '&' ? '&amp;' : c === '<' ? '&lt;' : `&#${c.charCodeAt(0)};`));

const names = { Contents: 'Contents', Versions: 'Version', DeleteMarkers: 'DeleteMarker' } as const;
type Kind = keyof typeof names;

const xmlOf = (kind: Kind, entry: ListedEntry): string =>
  `<${names[kind]}><Key>${escaped(entry.Key)}</Key>${[
    entry.LastModified && `<LastModified>${entry.LastModified.toISOString()}</LastModified>`,
    entry.ETag === undefined ? '' : `<ETag>${escaped(entry.ETag)}</ETag>`,
    entry.Size === undefined ? '' : `<Size>${entry.Size}</Size>`,
    '<Owner><ID>1</ID><DisplayName>x</DisplayName></Owner><StorageClass>STANDARD</StorageClass>',
    entry.VersionId === undefined ? '' : `<VersionId>${escaped(entry.VersionId)}</VersionId>`,
    `<IsLatest>${entry.IsLatest}</IsLatest>`,
  ].join('')}</${names[kind]}>`;

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const entry: fc.Arbitrary<ListedEntry> = fc.record({
  Key: fc.string({ unit: 'grapheme', minLength: 1 }),
  Size: optional(fc.nat()),
  LastModified: optional(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })),
  ETag: optional(fc.string()),
  VersionId: optional(fc.string()),
  IsLatest: fc.boolean(),
});
const kind = fc.constantFrom<Kind>('Contents', 'Versions', 'DeleteMarkers');

const head =
  '<?xml version="1.0" encoding="UTF-8"?>\n<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">';
const rest = '<Name>b</Name><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>';

test('entries come out as they were written, each kind in its order, and the rest is left', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(kind, entry), { maxLength: 20 }), (all) => {
      const xml = `${head}${rest}${all.map(([k, e]) => xmlOf(k, e)).join('\n')}</ListVersionsResult>`;
      const taken = takeEntries(xml);
      for (const k of Object.keys(names) as Kind[])
        expect(taken?.entries[k]).toEqual(all.filter(([mine]) => mine === k).map(([, e]) => e));
      expect(taken?.rest.replaceAll('\n', '')).toBe(
        `${head}${rest}</ListVersionsResult>`.replaceAll('\n', ''),
      );
    }),
  );
});

describe('what is not in the plain form is left to the SDK', () => {
  test.each([
    ['cut inside an entry', `${head}<Contents><Key>a</Key>`],
    ['an entry without a key', `${head}<Contents><Size>1</Size></Contents>`],
    ['a size that is none', `${head}<Contents><Key>a</Key><Size>many</Size></Contents>`],
    ['a time that is none', `${head}<Contents><Key>a</Key><LastModified>now</LastModified></Contents>`],
    ['CDATA', `${head}<Contents><Key><![CDATA[a]]></Key></Contents>`],
    ['an entry in an entry', `${head}<Contents><Key>a</Key><Version><Key>b</Key></Version></Contents>`],
  ])('%s', (_, xml) => {
    expect(takeEntries(xml)).toBeNull();
  });

  test('prefixed elements and attributes are no entries', () => {
    const xml =
      '<s3:ListBucketResult><s3:Contents><s3:Key>a</s3:Key></s3:Contents><Contents a="b"/></s3:ListBucketResult>';
    expect(takeEntries(xml)?.rest).toBe(xml);
  });

  test.each(['Key', 'ETag'])('a reference to what is no character, in its %s', (name) => {
    const entry = (text: string) =>
      `<Contents><Key>a</Key></Contents><Contents><${name}>${text}</${name}><Key>b</Key></Contents>`;
    expect(takeEntries(entry('&#x10ffff;&#0038;'))?.entries.Contents).toHaveLength(2);
    for (const beyond of ['&#x110000;', '&#1114112;', '&#99999999999999999999999;'])
      expect(takeEntries(entry(beyond))).toBeNull();
  });

  test('any text ends in an answer', () => {
    const bits = fc.constantFrom(
      '<Contents>',
      '</Contents>',
      '<Key>',
      '</Key>',
      '<Version>',
      '&#x110000;',
      '&',
      'x',
      '<',
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 30 }), (all) => {
        const taken = takeEntries(all.join(''));
        if (!taken) return;
        // An entry is only made of what is named as one, and is not left behind as well.
        const named = all.filter((bit) => bit === '<Contents>' || bit === '<Version>').length;
        const { Contents, Versions } = taken.entries;
        expect(Contents.length + Versions.length).toBeLessThanOrEqual(named);
        if (Contents.length > 0) expect(taken.rest.length).toBeLessThan(all.join('').length);
        if (named === 0) expect(taken.rest).toBe(all.join(''));
      }),
      { numRuns: 2000 },
    );
  });
});
