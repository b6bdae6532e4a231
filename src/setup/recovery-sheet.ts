import { createHash } from 'node:crypto';
import { differentialTexts } from '../archive/differential-texts.ts';
import { joinCommands, stockCommands, stockToolSources, unpackDifferential } from '../catalog/stock-tools.ts';
import { tarSource } from '../catalog/texts.ts';
import { inGroups, keyStart, sheetTitle } from '../crypto/identity-text.ts';
import { sheetLines, sheetPage } from './sheet-texts.ts';

/**
 * The paper that must still be enough in ten years, in both languages: where the backups are, the secret key, and how to
 * open them without this program. Plain ASCII, so that it survives PowerShell's `>`, Notepad and any printer; the page to
 * print has the key as a QR code, too. A whole sheet is taken as an identity file.
 */

export interface SheetFacts {
  readonly recipient: string;
  /** The lines of the identity file, armored where it has a passphrase. */
  readonly identity: string;
  readonly isProtected: boolean;
  /** The addresses of the stores, each with the host that serves it; none to be filled in by hand. */
  readonly stores: readonly { readonly url: string; readonly host: string | null }[];
  readonly day: string;
  readonly pcName: string;
  readonly program: string;
}

/** The secret key alone, as it goes into the QR code. */
export const keyOf = (identity: string): string =>
  identity.split('\n').find((line) => line.startsWith(keyStart)) ?? identity.trimEnd();

/** The lines of the key stand as they are: stock age takes no indented ones. */
export function recoverySheet(facts: SheetFacts): string {
  const { identity, isProtected } = facts;
  const scripts = differentialTexts
    .filter(({ name }) => name.startsWith('restore.'))
    .map(({ name, bytes }) => `${name.padEnd(11)} ${createHash('sha256').update(bytes).digest('hex')}`);
  return sheetLines({
    ...facts,
    title: sheetTitle,
    groups: isProtected ? null : inGroups(keyOf(identity)),
    sources: { ...stockToolSources, tar: tarSource },
    full: stockCommands('NAME.tar.zst.age'),
    changesOnly: unpackDifferential('NAME.diff.tar.zst.age', 'FULL.tar.zst.age'),
    join: joinCommands,
    scripts,
  }).join('\n');
}

/** Plain ASCII, whatever stands in an address. */
const escaped = (text: string): string =>
  text.replace(/[&<>\u0080-\u{10ffff}]/gu, (char) => `&#${char.codePointAt(0)};`);

/** The sheet as a page to print, which needs nothing from outside, with the secret key as a QR code. */
export async function recoverySheetPage(facts: SheetFacts): Promise<string> {
  const { encodeQR } = await import('qr');
  // A key is letters, digits and dashes: half the room of other text.
  const rows = encodeQR(keyOf(facts.identity), 'raw', { ecc: 'medium', border: 4 });
  const size = rows.length;
  const path = rows
    .flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join('');
  return sheetPage(size, path, escaped(recoverySheet(facts)));
}
