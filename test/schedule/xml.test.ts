import { expect, test } from 'vitest';
import { below, parseXml, textBelow, xmlText } from '../../src/schedule/xml.ts';

test('elements, texts and what stands for letters are read', () => {
  const xml = `\ufeff<?xml version="1.0" encoding="UTF-16"?>\r\n<!DOCTYPE a><!-- <b> -->
<a x="1"><b>1 &amp; &lt;2&gt; &quot;&apos; &#233;&#x41; &unknown;</b><c/><b y='2'>two</b></a>\n`;
  const root = parseXml(xml);
  expect(root?.name).toBe('a');
  expect(root && below(root, 'b').map(({ text }) => text)).toEqual(['1 & <2> "\' éA &unknown;', 'two']);
  expect(root && textBelow(root, 'c')).toBe('');
  expect(root && textBelow(root, 'd')).toBeNull();
});

test('any text comes back out of an element', () => {
  const text = 'C:\\Program Files (x86)\\A & B <1> "q" \'s\' é 漢\\x.exe';
  const root = parseXml(`<a>${xmlText(text)}</a>`);
  expect(root?.text).toBe(text);
});

test.each([
  '',
  'no xml',
  '<a>',
  '</a>',
  '<a></b>',
  '<a><b></a></b>',
  '<a/><b/>',
  '<a',
  'ERROR: <x',
  '<a>&#99999999;</a',
])('%j is none of it', (source) => {
  expect(parseXml(source)).toBeNull();
});
