import { type ErrorCode, nodeCode, systemCode } from '../base/errors.ts';
import { type Text, verbatim } from '../base/text.ts';
import {
  certificateNotTrusted,
  certificateOutOfDate,
  checkClock,
  checkConnection,
  checkScheme,
  checkSpelling,
  connectionFailed,
  lookForBlanks,
  nameCaFile,
  nameNotFound,
  noKeyCharacter,
  otherProtocol,
  theServer,
} from './texts.ts';

/** What went wrong on the way to a server, by the codes of the system, of its name service, of TLS and of Node.js. */

/** What an error of a library means to us. */
export interface Meaning {
  readonly code: ErrorCode;
  readonly because: Text;
  readonly hint: Text;
}

/** X.509 codes of Node.js (its documentation, "X509 certificate error codes"), and what it says of names in certificates. */
const untrustedCodes =
  /^(?:UNABLE_TO_\w+|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT\w*|(?:CERT|CRL)_\w+|ERROR_IN_(?:CERT|CRL)_\w+|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|ERR_TLS_CERT_\w+)$/;
/** Of TLS itself, of OpenSSL, and of Node's reader of HTTP. */
const otherProtocolCodes = /^(?:EPROTO$|HPE_|ERR_SSL_|ERR_OSSL_)/;
/** Node's own names for a connection that did not come about. */
const connectionCodes = new Set(['ERR_TLS_HANDSHAKE_TIMEOUT', 'ERR_SOCKET_CONNECTION_TIMEOUT']);

/** What the system says that it could not reach, where no request of ours was on its way. */
function serverIn(error: unknown): Text | null {
  if (typeof error !== 'object' || error === null) return null;
  const { hostname, address, port } = error as { hostname?: unknown; address?: unknown; port?: unknown };
  const host = [hostname, address].find((one) => typeof one === 'string');
  return host === undefined ? null : verbatim(`${host}${typeof port === 'number' ? `:${port}` : ''}`);
}

/** Codes for connections: of the system, of its name service, of TLS and of the reader of HTTP. */
export function byConnection(
  error: unknown,
  { tried, endpoint }: { readonly tried: Text | null; readonly endpoint: string | null },
): Meaning | null {
  const code = nodeCode(error);
  if (code === null) return null;
  const server = tried ?? serverIn(error) ?? (endpoint === null ? theServer : verbatim(endpoint));
  if (code === 'ERR_INVALID_CHAR') {
    // The rest of what stands in headers was checked where it came in.
    return { code: 'access-denied', because: noKeyCharacter, hint: lookForBlanks };
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return {
      code: 'store-unavailable',
      because: certificateOutOfDate(server, code),
      hint: checkClock,
    };
  }
  if (untrustedCodes.test(code)) {
    return { code: 'usage', because: certificateNotTrusted(server, code), hint: nameCaFile };
  }
  if (otherProtocolCodes.test(code)) {
    return { code: 'usage', because: otherProtocol(server, code), hint: checkScheme };
  }
  if (systemCode(error) === null && !connectionCodes.has(code)) return null;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      code: 'store-unavailable',
      because: nameNotFound(server, code),
      hint: checkSpelling,
    };
  }
  return {
    code: 'store-unavailable',
    because: connectionFailed(server, code),
    hint: checkConnection,
  };
}
