// biome-ignore-all lint/suspicious/noVar: an old Node.js knows nothing newer
/** What is said before anything is loaded that knows the language: in both, one after the other. */

declare var EFAKTUR_NODE_NEEDED: string;

interface Both {
  readonly en: string;
  readonly id: string;
}

export function nodeTooOld(found: string, path: string): Both {
  return {
    en: `efaktur-cloud needs Node.js ${EFAKTUR_NODE_NEEDED} or newer, and this is ${found} (${path})`,
    id: `efaktur-cloud memerlukan Node.js ${EFAKTUR_NODE_NEEDED} atau yang lebih baru, sedangkan ini ${found} (${path})`,
  };
}

export function installNode(): Both {
  return {
    en: 'Install a newer Node.js, or start efaktur-cloud with the one that "npm ci" brings: node_modules/.bin/node.',
    id: 'Pasang Node.js yang lebih baru, atau jalankan efaktur-cloud dengan yang dibawa "npm ci": node_modules/.bin/node.',
  };
}

export function notLoaded(why: string): Both {
  return {
    en: `efaktur-cloud cannot be loaded: ${why}`,
    id: `efaktur-cloud tidak dapat dimuat: ${why}`,
  };
}

export function installAgain(): Both {
  return {
    en: 'Its files may not be whole: install it again.',
    id: 'File programnya mungkin tidak lengkap: pasang lagi.',
  };
}

export function inTurn(code: string, message: Both, hint: Both): string {
  return `Error ${code}: ${message.id}\nSolusi: ${hint.id}\nError ${code}: ${message.en}\nSolution: ${hint.en}\n`;
}
