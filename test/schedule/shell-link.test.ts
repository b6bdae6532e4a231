import { describe, expect, test } from 'vitest';
import { encodeShellLink, parseShellLink } from '../../src/schedule/shell-link.ts';

const link = {
  target: 'C:\\Users\\René 漢\\AppData\\efaktur-cloudw.exe',
  words: 'run --scheduled',
  description: 'eFaktur Cloud',
};

test('a shortcut is read back', () => {
  const { target, words } = link;
  expect(parseShellLink(encodeShellLink(link))).toEqual({ target, words });
  expect(parseShellLink(encodeShellLink({ ...link, words: '' }))).toEqual({ target, words: '' });
});

describe('the parts stand where [MS-SHLLINK] has them', () => {
  const bytes = encodeShellLink(link);

  test('the header', () => {
    expect(bytes.readUInt32LE(0)).toBe(0x4c);
    expect(bytes.toString('hex', 4, 20)).toBe('0114020000000000c000000000000046');
    // HasLinkTargetIDList, HasLinkInfo, HasName, HasArguments, IsUnicode; SW_SHOWMINNOACTIVE.
    expect(bytes.readUInt32LE(0x14)).toBe(0xa7);
    expect(bytes.readUInt32LE(0x3c)).toBe(7);
  });

  test('each item of the list of targets ends where the next begins', () => {
    const size = bytes.readUInt16LE(0x4c);
    const names: string[] = [];
    let at = 0x4e;
    for (let length = bytes.readUInt16LE(at); length > 0; length = bytes.readUInt16LE(at)) {
      const item = bytes.subarray(at, at + length);
      // The last two bytes of an item with a long name say where its block begins.
      const block = item.readUInt16LE(length - 2);
      if (block > 0 && block + 8 < length && item.readUInt32LE(block + 4) === 0xbeef0004) {
        expect(item.readUInt16LE(block)).toBe(length - block);
        names.push(item.toString('utf16le', block + 20, length - 4));
      }
      at += length;
    }
    expect(at + 2).toBe(0x4e + size);
    expect(names).toEqual(['Users', 'René 漢', 'AppData', 'efaktur-cloudw.exe']);
  });

  test('nothing follows the last string', () => {
    expect(bytes.readUInt32LE(bytes.length - 4)).toBe(0);
  });
});

test('what is no shortcut, or cut, is none', () => {
  const bytes = encodeShellLink(link);
  expect(parseShellLink(Buffer.alloc(0))).toBeNull();
  expect(parseShellLink(Buffer.from('[InternetShortcut]\r\nURL=https://x.test\r\n'.repeat(9)))).toBeNull();
  for (let length = 0; length < bytes.length - 6; length += 7) {
    const found = parseShellLink(bytes.subarray(0, length));
    expect(found === null || found.target !== link.target || found.words !== link.words).toBe(true);
  }
});
