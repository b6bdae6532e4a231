import { NtExecutable, NtExecutableResource, Resource } from 'resedit';

/** Other ways to state a version. */
export interface PeOptions {
  readonly bits?: 32 | 64;
  /** The texts of the version resource. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly productVersion?: string;
}

const parts = (version: string): { high: number; low: number } => {
  const [major = 0, minor = 0, build = 0, revision = 0] = version.split('.').map(Number);
  return { high: (major << 16) | minor, low: (build << 16) | revision };
};

/** A real PE file of 64 bits that states a version, as a compiler's linker makes one; `content` tells equal versions apart. */
export function peFile(
  version: string,
  content = '',
  { bits = 64, texts, productVersion }: PeOptions = {},
): Buffer {
  const [file, product] = [parts(version), parts(productVersion ?? '0.0.0.0')];
  const exe = NtExecutable.createEmpty(bits === 32, false);
  const resources = NtExecutableResource.from(exe);
  const info = Resource.VersionInfo.create(
    0x0409,
    {
      fileVersionMS: file.high,
      fileVersionLS: file.low,
      productVersionMS: product.high,
      productVersionLS: product.low,
    },
    [{ lang: 0x0409, codepage: 1200, values: { ...(texts ?? { FileVersion: version }), Comments: content } }],
  );
  info.outputToResourceEntries(resources.entries);
  resources.outputResource(exe);
  return Buffer.from(exe.generate());
}
