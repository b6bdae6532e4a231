import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isSameWindowsPath,
  windowsLine,
  windowsText,
  windowsWords,
} from '../../src/schedule/windows-words.ts';

test('words are quoted as the C runtime reads them', () => {
  // The examples of Microsoft's "Parsing C command-line arguments".
  expect(windowsLine(['a b c', 'd', 'e'])).toBe('"a b c" d e');
  expect(windowsWords('"ab\\"c" "\\\\" d')).toEqual(['ab"c', '\\', 'd']);
  expect(windowsWords('a\\\\\\b d"e f"g h')).toEqual(['a\\\\\\b', 'de fg', 'h']);
  expect(windowsWords('a\\\\\\"b c d')).toEqual(['a\\"b', 'c', 'd']);
  expect(windowsWords('a\\\\\\\\"b c" d e')).toEqual(['a\\\\b c', 'd', 'e']);
  expect(windowsLine(['C:\\with space\\', ''])).toBe('"C:\\with space\\\\" ""');
});

test('all words come back', () => {
  const word = fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', '\t', 'é', '%') });
  fc.assert(
    fc.property(fc.array(word), (words) => {
      expect(windowsWords(windowsLine(words))).toEqual(words);
    }),
  );
});

test('what a program of Windows writes is read in each of its forms', () => {
  expect(windowsText(Buffer.from('\ufeff<a>é</a>', 'utf16le'))).toBe('<a>é</a>');
  expect(windowsText(Buffer.from('<a>é</a>', 'utf8'))).toBe('<a>é</a>');
  // é in code page 850, of which only ASCII is sure.
  expect(windowsText(Buffer.from([0x41, 0x82, 0x42]))).toBe('A\ufffdB');
});

test('paths are compared as far as a code page lets them', () => {
  expect(isSameWindowsPath('C:\\Users\\Rene\\x.exe', 'c:/users/RENE/X.EXE')).toBe(true);
  expect(isSameWindowsPath('C:\\Users\\Ren\ufffd\\x.exe', 'C:\\Users\\René\\x.exe')).toBe(true);
  expect(isSameWindowsPath('C:\\Users\\??\\x.exe', 'C:\\Users\\漢字\\x.exe')).toBe(true);
  expect(isSameWindowsPath('C:\\Users\\Ren\ufffd\\x.exe', 'C:\\Users\\Rene\\x.exe')).toBe(false);
  expect(isSameWindowsPath('C:\\Users\\Renè\\x.exe', 'C:\\Users\\René\\x.exe')).toBe(false);
});
