/* Numbers as people write them, in Indonesia with a dot for thousands and a comma for decimals, and as they are stored. */

/** A number without anything that does not matter: `-1234.5`, `345000`. */
export type CanonicalNumber = string;

/** Drops leading zeros, and zeros at the end of a fraction. `plain` is digits, with a dot before a fraction. */
export function canonicalNumber(plain: string): CanonicalNumber {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(plain) ?? [];
  const digits = `${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
  return digits === '0' ? '0' : `${sign}${digits}`;
}

/**
 * Reads `345000`, `345.000`, `345.000,00`, `345,000.00`, `345000,5`, `Rp345.000`, `Rp 345.000,-`; null for what is no
 * number. A dot or comma before exactly three digits stands for thousands, unless nothing but a zero is before it.
 */
export function parseWrittenNumber(text: string): CanonicalNumber | null {
  const m = /^(-?)\s*(?:(?:rp|idr)\.?\s*)?(-?)([\d.,]+?)(?:,-+|,=)?$/i.exec(text.trim());
  const digits = m?.[3] ?? '';
  const sign = m?.[1] || m?.[2] || '';
  if (/^\d+$/.test(digits)) return canonicalNumber(sign + digits);
  if (/^[1-9]\d{0,2}(\.\d{3})+(,\d+)?$/.test(digits))
    return canonicalNumber(sign + digits.replaceAll('.', '').replace(',', '.'));
  if (/^[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(digits))
    return canonicalNumber(sign + digits.replaceAll(',', ''));
  if (/^\d+[.,]\d+$/.test(digits)) return canonicalNumber(sign + digits.replace(',', '.'));
  return null;
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
