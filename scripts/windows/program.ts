import { Data, NtExecutable, NtExecutableResource, Resource } from 'resedit';
import { productName } from '../../src/base/product.ts';
import type { IconImage } from './icon.ts';

/** What makes a program of our own out of node.exe. */
export interface ProgramParts {
  readonly version: string;
  readonly fileName: string;
  /** Whether it brings a console window when there is none, as a task at night must not. */
  readonly hasConsole: boolean;
  readonly icon: readonly IconImage[];
  /** As `node --experimental-sea-config` makes it. */
  readonly blob: Buffer;
}

const language = 0x0409;
const codepage = 1200;
/** Resource type RT_RCDATA, in which Node.js looks for a resource of this name. */
const rawData = 10;
const blobName = 'NODE_SEA_BLOB';
/** What Node.js looks at to know that it is a single executable; the digit behind it becomes 1. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:';

/** Values of `Subsystem` in a PE header. */
const subsystems = { gui: 2, console: 3 } as const;

/**
 * The bytes of the program. Node's signature is taken away, as it is of other bytes; the code of Node.js stays as it is but for
 * one digit. The same parts give the same bytes.
 */
export function windowsProgram(node: Buffer, parts: ProgramParts): Buffer {
  const exe = NtExecutable.from(fused(node), { ignoreCert: true });
  exe.newHeader.optionalHeader.subsystem = parts.hasConsole ? subsystems.console : subsystems.gui;
  const resources = NtExecutableResource.from(exe);
  const { entries } = resources;
  const [info] = Resource.VersionInfo.fromEntries(entries);
  if (info === undefined) throw new Error('this node.exe states no version');
  for (const texts of info.getAllLanguagesForStringValues()) info.removeAllStringValues(texts);
  info.setFileVersion(`${parts.version}.0`, language);
  info.setProductVersion(`${parts.version}.0`, language);
  info.setStringValues(
    { lang: language, codepage },
    {
      ProductName: productName,
      // Task Manager and the question of the firewall show this and no other name.
      FileDescription: productName,
      CompanyName: 'efaktur-cloud',
      LegalCopyright: 'MIT License. Contains Node.js, copyright Node.js contributors.',
      OriginalFilename: parts.fileName,
      InternalName: parts.fileName.replace(/\.exe$/, ''),
      FileVersion: parts.version,
      ProductVersion: parts.version,
    },
  );
  info.outputToResourceEntries(entries);
  for (const { id, lang } of Resource.IconGroupEntry.fromEntries(entries)) {
    Resource.IconGroupEntry.replaceIconsForResource(
      entries,
      id,
      lang,
      parts.icon.map(({ sizePx, bytes }) =>
        sizePx < 256
          ? Data.IconItem.from(sizePx, sizePx, bytes)
          : Data.RawIconItem.from(bytes, sizePx, sizePx, 32),
      ),
    );
  }
  const blob = new Uint8Array(parts.blob).buffer;
  resources.replaceResourceEntry({ type: rawData, id: blobName, lang: 0, codepage: 0, bin: blob });
  resources.outputResource(exe);
  return Buffer.from(exe.generate());
}

/** node.exe as one that looks for what it shall run inside of itself. */
function fused(node: Buffer): Buffer {
  const at = node.indexOf(`${fuse}0`, 0, 'latin1');
  if (at < 0 || node.indexOf(fuse, at + 1, 'latin1') >= 0)
    throw new Error('this node.exe cannot become a single executable');
  const program = Buffer.from(node);
  program.write('1', at + fuse.length, 'latin1');
  return program;
}
