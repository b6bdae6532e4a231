/*
 * One invoice number in its lengths: e-Faktur desktop prints 16 digits (`010.000-23.12345678`: two of the transaction, one of
 * the replacement, 13 of the serial number), and Coretax shows the same invoice with 17, a 9 as the fifth digit
 * (`01009002312345678`). A table may hold the serial number in a column of its own.
 */

export interface InvoiceNumber {
  /** The digits of the same invoice in the other program. */
  readonly other: string;
  /** The 13 digits after those of the transaction and the replacement. */
  readonly serial: string;
}

const desktopDigits = 16;
const serialPlace = 3;
const markPlace = 4;
const mark = '9';

/** Reads either length, whatever its punctuation; null for what is no invoice number. */
export function parseInvoiceNumber(text: string): InvoiceNumber | null {
  if (!/^\d(?:[^\p{L}\p{N}]{0,2}\d)*$/u.test(text)) return null;
  const digits = text.replace(/\D/g, '');
  const [before, after] = [digits.slice(0, markPlace), digits.slice(markPlace)];
  if (digits.length === desktopDigits)
    return { other: before + mark + after, serial: digits.slice(serialPlace) };
  if (digits.length !== desktopDigits + 1 || !after.startsWith(mark)) return null;
  const desktop = before + after.slice(1);
  return { other: desktop, serial: desktop.slice(serialPlace) };
}
