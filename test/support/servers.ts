import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { localhostCertificate } from './localhost-certificate.ts';

export interface TestServer {
  readonly port: number;
  readonly endpoint: string;
  /** Connections open now. */
  readonly open: Set<Socket>;
  /** Every connection ever made. */
  connections(): number;
  close(): Promise<void>;
}

async function listen(server: Server, scheme: string): Promise<TestServer> {
  const open = new Set<Socket>();
  let count = 0;
  server.on('connection', (socket) => {
    count++;
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    port,
    endpoint: `${scheme}://127.0.0.1:${port}`,
    open,
    connections: () => count,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

export const tcpServer = (onSocket: (socket: Socket) => void): Promise<TestServer> =>
  listen(createTcpServer({ noDelay: true }, onSocket), 'http');

export const httpServer = (onRequest: RequestListener): Promise<TestServer> =>
  listen(createHttpServer(onRequest), 'http');

export const httpsServer = (onRequest: RequestListener): Promise<TestServer> =>
  listen(createHttpsServer(localhostCertificate, onRequest), 'https');

/** A proxy that tunnels; `seen` collects the targets. */
export const connectProxy = async (seen: string[], onRequest: RequestListener): Promise<TestServer> => {
  const server = createHttpServer(onRequest);
  server.on('connect', (request, client) => {
    seen.push(request.url ?? '');
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client);
      client.pipe(target);
    });
    target.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('error', () => target.destroy()).on('close', () => target.destroy());
  });
  return listen(server, 'http');
};
