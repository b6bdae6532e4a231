import { type ErrorCode, nodeCode, systemCode } from '../base/errors.ts';

/** What went wrong on the way to a server, by the codes of the system, of its name service, of TLS and of Node.js. */

/** What an error of a library means to us. */
export interface Meaning {
  readonly code: ErrorCode;
  /** Continues `WHAT: `. */
  readonly because: string;
  readonly hint: string;
}

/** X.509 codes of Node.js (its documentation, "X509 certificate error codes"), and what it says of names in certificates. */
const untrustedCodes =
  /^(?:UNABLE_TO_\w+|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT\w*|(?:CERT|CRL)_\w+|ERROR_IN_(?:CERT|CRL)_\w+|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|ERR_TLS_CERT_\w+)$/;
/** Of TLS itself, of OpenSSL, and of Node's reader of HTTP. */
const otherProtocolCodes = /^(?:EPROTO$|HPE_|ERR_SSL_|ERR_OSSL_)/;
/** Node's own names for a connection that did not come about. */
const connectionCodes = new Set(['ERR_TLS_HANDSHAKE_TIMEOUT', 'ERR_SOCKET_CONNECTION_TIMEOUT']);

/** What the system says that it could not reach, where no request of ours was on its way. */
function serverIn(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const { hostname, address, port } = error as { hostname?: unknown; address?: unknown; port?: unknown };
  const host = [hostname, address].find((one) => typeof one === 'string');
  return host === undefined ? null : `${host}${typeof port === 'number' ? `:${port}` : ''}`;
}

/** Codes for connections: of the system, of its name service, of TLS and of the reader of HTTP. */
export function byConnection(
  error: unknown,
  { tried, endpoint }: { readonly tried: string | null; readonly endpoint: string | null },
): Meaning | null {
  const code = nodeCode(error);
  if (code === null) return null;
  const server = tried ?? serverIn(error) ?? endpoint ?? 'the server';
  if (code === 'ERR_INVALID_CHAR') {
    // The rest of what stands in headers was checked where it came in.
    return {
      code: 'access-denied',
      because: 'the access key or the session token holds a character that no key has',
      hint: 'Look for line breaks, blanks and quotes in AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN or the files of the profile.',
    };
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return {
      code: 'store-unavailable',
      because: `the certificate of ${server} is not valid today (${code})`,
      hint: "Check this PC's clock; if it is right, tell the provider.",
    };
  }
  if (untrustedCodes.test(code)) {
    return {
      code: 'usage',
      because: `the certificate of ${server} is not trusted (${code})`,
      hint: 'If your office inspects traffic, name its CA file in AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS; else check the endpoint.',
    };
  }
  if (otherProtocolCodes.test(code)) {
    return {
      code: 'usage',
      because: `${server} speaks another protocol (${code})`,
      hint: 'Check whether the endpoint is https:// or http://, and its port.',
    };
  }
  if (systemCode(error) === null && !connectionCodes.has(code)) return null;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      code: 'store-unavailable',
      because: `the name of ${server} cannot be found (${code})`,
      hint: 'Check the network and the spelling of the endpoint and region.',
    };
  }
  return {
    code: 'store-unavailable',
    because: `the connection to ${server} failed (${code})`,
    hint: 'Check the network, the endpoint and the proxy if there is one, and try again.',
  };
}
