// biome-ignore-all lint/suspicious/noVar: an old Node.js knows nothing newer
// biome-ignore-all lint/complexity/useArrowFunction: the same
import { installNode, inTurn, nodeTooOld } from './launcher-texts.ts';

/**
 * The first file that Node.js reads. The build makes plain ECMAScript 5 of it, so that any Node.js there ever was can read it
 * and say that it is too old, where the program itself would be a syntax error with a page of source.
 */
declare var EFAKTUR_NODE_NEEDED: string;
declare function require(path: string): unknown;

var found = process.versions.node.split('.');
var needed = EFAKTUR_NODE_NEEDED.split('.');

var isOld =
  Number(found[0]) < Number(needed[0]) ||
  (Number(found[0]) === Number(needed[0]) && Number(found[1]) < Number(needed[1]));

if (isOld) refuse();
else require('./program/start.cjs');

function refuse() {
  var message = nodeTooOld(process.versions.node, process.execPath);
  var hint = installNode();
  var asJson = process.argv.indexOf('--json') >= 0;
  process.stderr.write(
    asJson
      ? `${JSON.stringify({ error: { code: 'usage', message: message.en, hint: hint.en } })}\n`
      : inTurn('usage', message, hint),
  );
  process.exitCode = 2;
}
