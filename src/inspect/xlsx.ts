/*
 * Workbooks for Excel and LibreOffice (Office Open XML, ECMA-376), written sheet by sheet while the rows come, in memory
 * that does not grow with them. Loaded only when a workbook is asked for.
 */
import { createZip } from '../base/zip-writer.ts';

/** A cell. Numbers are the digits as they stand, so that none passes through floating point here. */
export type Cell =
  | null
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly digits: string; readonly decimals: 0 | 2 | null }
  | { readonly kind: 'truth'; readonly value: boolean }
  /** Days since 1899-12-30, with the time of day as the fraction. */
  | { readonly kind: 'date' | 'time' | 'moment'; readonly serial: number };

export interface Sheet {
  /** Made fit for a sheet's name, and different from all others. */
  readonly name: string;
  readonly headers: readonly string[];
  /** In characters. */
  readonly widths: readonly number[];
  readonly rows: AsyncIterable<readonly Cell[]>;
  /** Stands before all others, whenever it comes. */
  readonly isFirst?: boolean;
  /** Is told the name that the sheet was given (the first, where it goes on in others). */
  readonly onNamed?: (name: string) => void;
}

/** What Excel allows. */
export const maxCellCharacters = 32_767;
const maxSheetRows = 1_048_576;
/** Keeps every part of the zip far below 4 GB. */
const maxSheetCharacters = 1 << 30;

/** Places of the cell formats in the style sheet below. */
const styles = { general: 0, header: 1, date: 2, time: 3, moment: 4, whole: 5, cents: 6, text: 7 } as const;

const styleSheet = `${xmlHead()}<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/><numFmt numFmtId="165" formatCode="dd/mm/yyyy\\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="8">${[
  0, 0, 164, 21, 165, 3, 4, 49,
]
  .map(
    (format, i) =>
      `<xf numFmtId="${format}" fontId="${i === styles.header ? 1 : 0}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>`,
  )
  .join('')}</cellXfs></styleSheet>`;

function xmlHead(): string {
  return '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
}

/** Writes a workbook to a new file and syncs it. System errors come out as they are; the file is then a part. */
export async function writeWorkbook(path: string, sheets: AsyncIterable<Sheet>): Promise<void> {
  const zip = await createZip(path);
  const now = new Date();
  try {
    const names: string[] = [];
    let first = 0;
    for await (const sheet of sheets) {
      const rows = await lookAhead(sheet.rows);
      // A sheet has an end in Excel; what does not fit goes on in another one.
      if (sheet.isFirst) first = names.length;
      for (let part = 1; part === 1 || rows.next !== null; part++) {
        const name = freeName(part === 1 ? sheet.name : `${sheet.name} ${part}`, names);
        if (part === 1) sheet.onNamed?.(name);
        names.push(name);
        const xml = sheetXml(sheet, rows);
        await zip.addFile(`xl/worksheets/sheet${names.length}.xml`, now, null, xml);
      }
    }
    if (names.length === 0) throw new TypeError('a workbook needs a sheet');
    for (const [name, xml] of workbookParts(names, first)) zip.addText(name, xml, now);
    await zip.finish();
  } finally {
    await zip.close();
  }
}

const gatherCharacters = 1 << 16;

interface RowsAhead {
  /** The row that comes next; null at the end. */
  next: readonly Cell[] | null;
  advance(): Promise<void>;
}

async function lookAhead(source: AsyncIterable<readonly Cell[]>): Promise<RowsAhead> {
  const rows = source[Symbol.asyncIterator]();
  const ahead: RowsAhead = {
    next: null,
    async advance() {
      const { done, value } = await rows.next();
      ahead.next = done ? null : value;
    },
  };
  await ahead.advance();
  return ahead;
}

async function* sheetXml({ headers, widths }: Sheet, ahead: RowsAhead): AsyncGenerator<string> {
  const columns = widths.map(
    (width, i) => `<col min="${i + 1}" max="${i + 1}" width="${width}" customWidth="1"/>`,
  );
  let text = `${xmlHead()}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>${columns.length > 0 ? `<cols>${columns.join('')}</cols>` : ''}<sheetData><row>${headers.map((header) => textCell(header, styles.header)).join('')}</row>`;
  let length = 0;
  for (let rows = 1; ahead.next && rows < maxSheetRows && length < maxSheetCharacters; rows++) {
    text += `<row>${ahead.next.map(cellXml).join('')}</row>`;
    await ahead.advance();
    if (text.length < gatherCharacters) continue;
    length += text.length;
    yield text;
    text = '';
  }
  yield `${text}</sheetData></worksheet>`;
}

function cellXml(cell: Cell): string {
  if (cell === null) return '<c/>';
  switch (cell.kind) {
    case 'text':
      return textCell(cell.text, styles.text);
    case 'truth':
      return `<c t="b"><v>${cell.value ? 1 : 0}</v></c>`;
    case 'number': {
      const style =
        cell.decimals === null ? styles.general : cell.decimals === 0 ? styles.whole : styles.cents;
      return `<c s="${style}"><v>${cell.digits}</v></c>`;
    }
    default:
      return `<c s="${styles[cell.kind]}"><v>${cell.serial}</v></c>`;
  }
}

const textCell = (text: string, style: number): string =>
  `<c t="inlineStr" s="${style}"><is><t xml:space="preserve">${escapeXml(cutCell(text))}</t></is></c>`;

function cutCell(text: string): string {
  if (text.length <= maxCellCharacters) return text;
  const end = maxCellCharacters - 1;
  // Not in the middle of a character.
  const last = text.charCodeAt(end - 1);
  return `${text.slice(0, last >= 0xd800 && last < 0xdc00 ? end - 1 : end)}…`;
}

const special = /[&<>\p{Cc}\p{Cs}\ufffe\uffff]|_(?=x[0-9a-fA-F]{4}_)/gu;

/** XML has no control characters; Office writes them as `_x0001_`, and an underscore that would look like one as well. */
function escapeXml(text: string): string {
  return text.replace(special, (c) => {
    if (c === '&') return '&amp;';
    if (c === '<') return '&lt;';
    if (c === '>') return '&gt;';
    if (c === '\n' || c === '\t') return c;
    return `_x${c.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}_`;
  });
}

/** At most 31 characters, without those that Excel forbids, and not one of the names given before. */
function freeName(wanted: string, taken: readonly string[]): string {
  // Excel keeps History for a sheet of its own.
  const clean =
    wanted
      .replace(/[\\/?*[\]:\p{Cc}\p{Cs}]/gu, '_')
      .replace(/^'|'$/g, '_')
      .replace(/^history$/i, '$&_') || 'Sheet';
  for (let n = 1; ; n++) {
    const ending = n === 1 ? '' : ` (${n})`;
    const name = `${clean.slice(0, 31 - ending.length)}${ending}`;
    if (!taken.some((other) => other.toLowerCase() === name.toLowerCase())) return name;
  }
}

function workbookParts(names: readonly string[], first: number): [string, string][] {
  const main = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const packageRelations = 'http://schemas.openxmlformats.org/package/2006/relationships';
  const sheets = names.map(
    (name, i) =>
      `<sheet name="${escapeXml(name).replaceAll('"', '&quot;')}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`,
  );
  const targets = names.map(
    (_, i) =>
      `<Relationship Id="rId${i + 1}" Type="${relations}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`,
  );
  const overrides = names.map(
    (_, i) => `<Override PartName="/xl/worksheets/sheet${i + 1}.xml" ContentType="${main}.worksheet+xml"/>`,
  );
  return [
    ['xl/styles.xml', styleSheet],
    [
      'xl/workbook.xml',
      // Sheets stand in the order of this list, whatever their numbers are.
      `${xmlHead()}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${relations}"><sheets>${[...sheets.splice(first, 1), ...sheets].join('')}</sheets></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      `${xmlHead()}<Relationships xmlns="${packageRelations}">${targets.join('')}<Relationship Id="rId${names.length + 1}" Type="${relations}/styles" Target="styles.xml"/></Relationships>`,
    ],
    [
      '_rels/.rels',
      `${xmlHead()}<Relationships xmlns="${packageRelations}"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ],
    [
      '[Content_Types].xml',
      `${xmlHead()}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${main}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${main}.styles+xml"/>${overrides.join('')}</Types>`,
    ],
  ];
}
