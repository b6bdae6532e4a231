/* Numbers as people write them, in Indonesia with a dot for thousands and a comma for decimals, and as they are stored. */

/** A number without anything that does not matter: `-1234.5`, `345000`. */
export type CanonicalNumber = string;

/** Drops leading zeros, and zeros at the end of a fraction. `plain` is digits, with a dot before a fraction. */
export function canonicalNumber(plain: string): CanonicalNumber {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(plain) ?? [];
  const digits = `${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
  return digits === '0' ? '0' : `${sign}${digits}`;
}

/** One way to read what was written as a number. */
export interface NumberReading {
  readonly number: CanonicalNumber;
  /** Only values kept with at least so many decimals can be meant: else `345.000` would find every 345. */
  readonly minScale: number;
}

/**
 * Reads `345000`, `345.000`, `345.000,00`, `345,000.00`, `345000,5`, `Rp345.000`, `Rp 345.000,-`; empty for what is no
 * number. A dot or comma before exactly three digits can stand for thousands or for decimals, so that there are two
 * readings, thousands first; `Rp` or `,-` leaves only thousands, a zero in front only decimals.
 */
export function parseWrittenNumber(text: string): readonly NumberReading[] {
  const m = /^(-?)\s*((?:rp|idr)\.?\s*)?(-?)([\d.,]+?)(,-+|,=)?$/i.exec(text.trim());
  const [, before = '', currency, after = '', digits = '', ending] = m ?? [];
  const sign = before || after;
  const reading = (plain: string, minScale = 0): NumberReading => ({
    number: canonicalNumber(sign + plain),
    minScale,
  });
  if (/^\d+$/.test(digits)) return [reading(digits)];
  const [, whole = '', three = ''] = /^([1-9]\d{0,2})[.,](\d{3})$/.exec(digits) ?? [];
  if (three !== '') {
    const thousands = reading(whole + three);
    if (currency !== undefined || ending !== undefined) return [thousands];
    return [thousands, reading(`${whole}.${three}`, three === '000' ? 3 : 0)];
  }
  if (/^[1-9]\d{0,2}(\.\d{3})+(,\d+)?$/.test(digits))
    return [reading(digits.replaceAll('.', '').replace(',', '.'))];
  if (/^[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(digits)) return [reading(digits.replaceAll(',', ''))];
  if (/^\d+[.,]\d+$/.test(digits)) return [reading(digits.replace(',', '.'))];
  return [];
}

/** A regular expression's source for the same number written in any of these ways inside a text. */
export function writtenNumberPattern(number: CanonicalNumber): string {
  const [whole = '', fraction] = number.replace('-', '').split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, '[.,]?');
  const decimals = fraction === undefined ? '(?:[.,]0{1,2})?' : `[.,]${fraction}0*`;
  return `(?<!\\d|\\d[.,])${number.startsWith('-') ? '-\\s?' : ''}${grouped}${decimals}(?!\\d|[.,]\\d)`;
}

/** `345.000,00` out of `345000.00`: for people. */
export function formatDecimal(plain: string): string {
  const [, sign = '', whole = '', fraction] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(plain) ?? [];
  if (whole === '') return plain;
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, '.');
  return `${sign}${grouped}${fraction === undefined ? '' : `,${fraction}`}`;
}
