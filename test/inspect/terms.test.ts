import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoPrefix, parseWrittenDate } from '../../src/base/written-date.ts';
import type { ColumnType } from '../../src/derby/catalog.ts';
import type { WholeValue } from '../../src/derby/values.ts';
import { formatIsoDate } from '../../src/inspect/dates.ts';
import { canonicalNumber, formatDecimal, parseWrittenNumber } from '../../src/inspect/numbers.ts';
import { equalTest, parseTerms, termTest } from '../../src/inspect/terms.ts';

const type = (name: string, scale = 0): ColumnType => ({
  name,
  precision: 18,
  scale,
  nullable: true,
  maxWidth: 100,
});

const fits = (words: string[], value: WholeValue, typeName: string): boolean => {
  const [term, ...more] = parseTerms(words);
  expect(more).toEqual([]);
  return term !== undefined && (termTest(term, type(typeName))?.(value) ?? false);
};

describe('numbers', () => {
  test.each([
    ['345000', '345000'],
    ['345.000', '345000'],
    ['345.000,00', '345000'],
    ['345,000.00', '345000'],
    ['345000.00', '345000'],
    ['345000,5', '345000.5'],
    ['Rp345.000', '345000'],
    ['Rp 345.000,00', '345000'],
    ['rp. 345.000,-', '345000'],
    ['IDR 1,250,000', '1250000'],
    ['1.234.567.890,25', '1234567890.25'],
    ['-12.000', '-12000'],
    ['0,50', '0.5'],
    ['007', '7'],
    ['0,00', '0'],
    ['0,001', '0.001'],
  ])('%s is %s', (written, canonical) => {
    expect(parseWrittenNumber(written)[0]?.number).toBe(canonical);
  });

  test.each([
    '',
    'Rp',
    'abc',
    '12a',
    '1.2.3',
    '12.34.567',
    '010.000-23.12345678',
    '01.234.567.8-901.000',
    ',',
  ])('%s is none', (written) => {
    expect(parseWrittenNumber(written)).toEqual([]);
  });

  test('what is written for people is read back as the same number', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }),
        fc.constantFrom(0, 1, 2, 3, 4),
        (unscaled, scale) => {
          const sign = unscaled < 0n ? '-' : '';
          const digits = String(unscaled)
            .replace('-', '')
            .padStart(scale + 1, '0');
          const plain =
            scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
          const readings = parseWrittenNumber(formatDecimal(plain));
          expect(readings.map(({ number }) => number)).toContain(canonicalNumber(plain));
          const decimal = { ...type('DECIMAL'), scale };
          const [term] = parseTerms([formatDecimal(plain)]);
          expect(term && termTest(term, decimal)?.(plain)).toBe(true);
          expect(equalTest(formatDecimal(plain), { name: 'N', type: decimal })(plain)).toBe(true);
        },
      ),
    );
  });

  test.each([
    ['DECIMAL', '345000.00'],
    ['DECIMAL', '345000'],
    ['INTEGER', 345000],
    ['BIGINT', 345000n],
    ['DOUBLE', 345000],
  ] as const)('all ways to write it find it in a %s', (name, value) => {
    for (const written of ['345000', '345.000', 'Rp345.000', '345.000,00', '345,000.00'])
      expect(fits([written], value, name), written).toBe(true);
    for (const written of ['345', '34500', '345001', '1345000', '345000,5', 'Gerbang'])
      expect(fits([written], value, name), written).toBe(false);
  });

  test('three decimals are found as well as thousands', () => {
    const quantity = type('DECIMAL', 3);
    const finds = (word: string, value: WholeValue, of: ColumnType): boolean => {
      const [term] = parseTerms([word]);
      return (term && termTest(term, of)?.(value)) ?? false;
    };
    for (const word of ['2,750', '2.750', '2,75']) {
      expect(finds(word, '2.750', quantity), word).toBe(true);
      expect(finds(word, 2.75, type('DOUBLE')), word).toBe(true);
      expect(finds(word, 'jumlah 2,750 kg', type('VARCHAR')), word).toBe(true);
    }
    for (const word of ['2,750', '2.750']) expect(finds(word, '2750.000', quantity), word).toBe(true);
    expect(finds('-2,750', '-2.750', quantity)).toBe(true);
    expect(finds('345,000', '345.000', quantity)).toBe(true);
    // What is surely an amount is no fraction, and nobody who looks for 345.000 looks for 345.
    expect(finds('Rp2.750', '2.750', quantity)).toBe(false);
    expect(finds('2.750,-', '2.750', quantity)).toBe(false);
    for (const name of ['INTEGER', 'DOUBLE']) expect(finds('345.000', 345, type(name)), name).toBe(false);
    expect(finds('345.000', '345.00', type('DECIMAL', 2))).toBe(false);
    expect(finds('345.000', 'nomor 345', type('VARCHAR'))).toBe(false);
  });

  test.each(['Bayar Rp345.000 tunai', 'lunas 345000', '345.000,00', 'total: 345,000.00.', '(345.000)'])(
    'all ways to write it find it in the text %s',
    (value) => {
      for (const written of ['345000', '345.000', 'Rp 345.000,-', '345.000,00'])
        expect(fits([written], value, 'VARCHAR'), written).toBe(true);
    },
  );

  test.each(['1.345.000', '345.0001', '345.000.000', '345.000,50'])('%s is another number', (value) => {
    expect(fits(['Rp345.000'], value, 'VARCHAR')).toBe(false);
  });
});

describe('dates', () => {
  test.each([
    ['8 Juli 2023', '2023-07-08'],
    ['08 Jul 2023', '2023-07-08'],
    ['8 July 2023', '2023-07-08'],
    ['08-07-2023', '2023-07-08'],
    ['08/07/2023', '2023-07-08'],
    ['8.7.2023', '2023-07-08'],
    ['2023-07-08', '2023-07-08'],
    ['2023/7/8', '2023-07-08'],
    ['17 Agustus 2023', '2023-08-17'],
    ['1 Mei 2023', '2023-05-01'],
    ['29-02-2024', '2024-02-29'],
    ['0001-01-01', '0001-01-01'],
    ['1 Jan 0001', '0001-01-01'],
    ['31/12/0099', '0099-12-31'],
    ['29-02-0096', '0096-02-29'],
    ['Juli 2023', '2023-07'],
    ['2023-07', '2023-07'],
  ])('%s is %s', (written, iso) => {
    const date = parseWrittenDate(written);
    expect(date && isoPrefix(date)).toBe(iso);
  });

  test.each(['31-02-2023', '29-02-2023', '8 Foo 2023', '2023', '07', '13/13/2023', '8 Juli 23', '1-2-3'])(
    '%s is none',
    (written) => {
      expect(parseWrittenDate(written)).toBeNull();
    },
  );

  test('every day is found however it is written', () => {
    const days = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(days, (date) => {
        const iso = date.toISOString().slice(0, 10);
        const [y, m, d] = iso.split('-') as [string, string, string];
        const forms = [iso, `${d}-${m}-${y}`, `${Number(d)}/${Number(m)}/${y}`, formatIsoDate(iso)];
        for (const looked of forms) {
          expect(fits([looked], iso, 'DATE')).toBe(true);
          expect(fits([looked], `${iso} 09:30:00.0`, 'TIMESTAMP')).toBe(true);
          for (const held of forms) expect(fits([looked], `tgl ${held}, lunas`, 'VARCHAR')).toBe(true);
        }
        expect(fits([formatIsoDate(iso)], iso === '1900-01-01' ? '1900-01-02' : '1900-01-01', 'DATE')).toBe(
          false,
        );
      }),
    );
  });

  test('a month and a year find their days, a time its moment', () => {
    expect(fits(['Juli 2023'], '2023-07-31', 'DATE')).toBe(true);
    expect(fits(['Juli 2023'], '2023-08-01', 'DATE')).toBe(false);
    expect(fits(['2023'], '2023-08-01', 'DATE')).toBe(true);
    expect(fits(['2022'], '2023-08-01', 'DATE')).toBe(false);
    expect(fits(['2023-07-08 09:30'], '2023-07-08 09:30:59.0', 'TIMESTAMP')).toBe(true);
    expect(fits(['2023-07-08T09:31'], '2023-07-08 09:30:59.0', 'TIMESTAMP')).toBe(false);
    expect(fits(['09:30'], '09:30:00', 'TIME')).toBe(true);
  });
});

describe('texts', () => {
  test('large and small letters are one, beyond ASCII too', () => {
    expect(fits(['gerbang semesta'], 'PT GERBANG SEMESTA Tbk', 'VARCHAR')).toBe(true);
    expect(fits(['MÜLLER élan'], 'müller ÉLAN', 'VARCHAR')).toBe(true);
    expect(fits(['Ωμέγα 日本'], 'ΩΜΈΓΑ 日本', 'CLOB')).toBe(true);
    expect(fits(['semesta gerbang'], 'Gerbang Semesta', 'VARCHAR')).toBe(false);
  });

  test('characters that mean something in patterns stand for themselves', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        fc.pre(text.trim() !== '' && !text.includes('"'));
        expect(fits([text], `[${text.trim()}]`, 'VARCHAR')).toBe(true);
      }),
    );
    expect(fits(['a.c'], 'abc', 'VARCHAR')).toBe(false);
    expect(fits(['50%'], '50', 'VARCHAR')).toBe(false);
  });

  test('an NPWP or invoice number is found with and without its punctuation', () => {
    const [bare, dotted] = ['012345678901000', '01.234.567.8-901.000'];
    for (const looked of [bare, dotted])
      for (const held of [bare, dotted]) expect(fits([looked], held, 'CHAR'), `${looked} ${held}`).toBe(true);
    expect(fits(['010.000-23.00000041'], '0100002300000041', 'CHAR')).toBe(true);
    expect(fits(['010.000-23.00000041'], '0100002300000042', 'CHAR')).toBe(false);
    expect(fits(['PO/2023/82768'], 'PO-2023-82768', 'VARCHAR')).toBe(true);
  });

  test('an invoice number of e-Faktur is found by that of Coretax, and the other way round', () => {
    const desktop = ['0100002312345678', '010.000-23.12345678', '010-000-23-12345678', '010.000.23.12345678'];
    const coretax = [
      '01009002312345678',
      '010.090-02.312345678',
      '0100 9002 3123 45678',
      '01.00.9002312345678',
    ];
    for (const [looked, held] of [
      [desktop, coretax],
      [coretax, desktop],
      [desktop, desktop],
      [coretax, coretax],
    ] as const)
      for (const one of looked)
        for (const other of held) {
          expect(fits([one], other, 'VARCHAR'), `${one} ${other}`).toBe(true);
          expect(fits([one], `Faktur ${other}, lunas`, 'CLOB'), `${one} ${other}`).toBe(true);
          expect(equalTest(one, { name: 'NOMOR', type: type('CHAR') })(other), `${one} ${other}`).toBe(true);
        }
    expect(fits(['01009002312345678'], 100002312345678n, 'BIGINT')).toBe(true);
    expect(fits(['0100002312345678'], '1009002312345678', 'DECIMAL')).toBe(true);
    // Tables may hold the serial number in a column of its own; a part of a longer text is none.
    for (const one of [...desktop, ...coretax]) {
      expect(fits([one], '0002312345678', 'CHAR'), one).toBe(true);
      expect(fits([one], '0002312345679', 'CHAR'), one).toBe(false);
      expect(fits([one], '10002312345678', 'CHAR'), one).toBe(false);
    }
    // The mark stands in one place only, and a part of a longer number is none.
    for (const [one, other] of [
      ['0100002312345678', '01000902312345678'],
      ['0100002312345678', '01008002312345678'],
      ['0100002312345678', '010090023123456789'],
      ['01009002312345678', '0100002312345679'],
      ['01008002312345678', '0100002312345678'],
      ['010000231234567', '0100900231234567'],
    ] as const) {
      expect(fits([one], other, 'VARCHAR'), `${one} ${other}`).toBe(false);
      expect(equalTest(one, { name: 'NOMOR', type: type('CHAR') })(other), `${one} ${other}`).toBe(false);
    }
  });

  test('a number never fits a date or bytes, nor a text a number', () => {
    expect(fits(['345000'], '2023-07-08', 'DATE')).toBe(false);
    expect(fits(['345000'], Buffer.from('345000'), 'BLOB')).toBe(false);
    expect(fits(['Gerbang'], 5, 'INTEGER')).toBe(false);
  });
});

describe('words of a command line', () => {
  const texts = (...words: string[]): string[] => parseTerms(words).map(({ text }) => text);

  test('a quoted phrase is one term, dates and Rp keep together', () => {
    expect(texts('Gerbang Semesta', '345000')).toEqual(['Gerbang Semesta', '345000']);
    expect(texts('Gerbang', 'Semesta')).toEqual(['Gerbang', 'Semesta']);
    expect(texts('"Gerbang Semesta" 345000')).toEqual(['Gerbang Semesta', '345000']);
    expect(texts('8', 'Juli', '2023', 'Gerbang')).toEqual(['8 Juli 2023', 'Gerbang']);
    expect(texts('Rp', '345.000', 'Toko')).toEqual(['Rp 345.000', 'Toko']);
    expect(texts('8', 'Toko', '2023')).toEqual(['8', 'Toko', '2023']);
  });

  test('nothing to look for is a usage error', () => {
    expect(() => parseTerms([])).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(() => parseTerms(['', ' '])).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('COLUMN=VALUE', () => {
  const equals = (text: string, value: WholeValue, name: string): boolean =>
    equalTest(text, { name: 'K', type: type(name) })(value);

  test('is equality, whatever way it is written', () => {
    expect(equals('gerbang semesta', 'Gerbang Semesta', 'VARCHAR')).toBe(true);
    expect(equals('gerbang', 'Gerbang Semesta', 'VARCHAR')).toBe(false);
    expect(equals('01.234.567.8-901.000', '012345678901000', 'CHAR')).toBe(true);
    expect(equals('ab', 'ab   ', 'CHAR')).toBe(true);
    expect(equals('Rp345.000', '345000.00', 'DECIMAL')).toBe(true);
    expect(equals('12,345', '12.345', 'DECIMAL')).toBe(true);
    expect(equals('12,345', '12345', 'DECIMAL')).toBe(true);
    expect(equals('8 Juli 2023', '2023-07-08', 'DATE')).toBe(true);
    expect(equals('2023-07', '2023-07-08 09:00:00.0', 'TIMESTAMP')).toBe(true);
    expect(equals('true', true, 'BOOLEAN')).toBe(true);
    expect(equals('CAFE', Buffer.from('cafe', 'hex'), 'BLOB')).toBe(true);
  });

  test('what the column can never be is a usage error', () => {
    for (const name of ['INTEGER', 'DECIMAL', 'DATE', 'BOOLEAN'])
      expect(() => equals('Gerbang', null, name)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
