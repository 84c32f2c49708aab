/**
 * Container images without a daemon: an OCI image layout in one tar file (OCI Image Format Specification 1.1), the same
 * bytes for the same content. `podman load`, `skopeo copy oci-archive:FILE ...` and containerd's import take it.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createReadStream, createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { runCommand } from '../../src/sandbox/assets/process.ts';

export interface Image {
  /** `repository:tag` that a loader names it by. */
  name: string;
  /** `amd64` or `arm64`. */
  architecture: string;
  /** Folder with the image's root file system. */
  root: string;
  /** As in the image configuration: Entrypoint, User, Env, WorkingDir. */
  config: Record<string, unknown>;
  labels: Record<string, string>;
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

const TYPES = {
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  config: 'application/vnd.oci.image.config.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
};
/** Times in images say nothing here, and would make each build another one. */
const EPOCH = '1970-01-01T00:00:00Z';
const REPRODUCIBLE = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '--format=gnu'];

/** Writes the image to `outfile`; resolves with the manifest's digest, by which a registry knows it. */
export async function writeImage(image: Image, outfile: string): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'vfbench-image-'));
  try {
    const blobs = join(work, 'layout/blobs/sha256');
    await mkdir(blobs, { recursive: true });
    const layer = await addLayer(image.root, work, blobs);
    const config = await addJson(blobs, TYPES.config, configOf(image, layer.diffId));
    const manifest = await addJson(blobs, TYPES.manifest, {
      schemaVersion: 2,
      mediaType: TYPES.manifest,
      config,
      layers: [layer.descriptor],
      annotations: image.labels,
    });
    const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': image.name } };
    const index = { schemaVersion: 2, mediaType: TYPES.index, manifests: [named] };
    await writeFile(join(work, 'layout/index.json'), JSON.stringify(index));
    await writeFile(join(work, 'layout/oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    await mkdir(dirname(outfile), { recursive: true });
    await tar(join(work, 'layout'), outfile);
    return manifest.digest;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function configOf({ architecture, config, labels }: Image, diffId: string): object {
  return {
    created: EPOCH,
    architecture,
    os: 'linux',
    config: { ...config, Labels: labels },
    rootfs: { type: 'layers', diff_ids: [diffId] },
    history: [{ created: EPOCH, created_by: 'vfbench: scripts/images.ts' }],
  };
}

async function addLayer(
  root: string,
  work: string,
  blobs: string,
): Promise<{ diffId: string; descriptor: Descriptor }> {
  const plain = join(work, 'layer.tar');
  await tar(root, plain);
  const packed = `${plain}.gz`;
  await pipeline(createReadStream(plain), createGzip({ level: 6 }), createWriteStream(packed));
  const [diffId, digest] = [await sha256(plain), await sha256(packed)];
  const { size } = await stat(packed);
  await rename(packed, join(blobs, digest.slice('sha256:'.length)));
  await rm(plain);
  return { diffId, descriptor: { mediaType: TYPES.layer, digest, size } };
}

async function addJson(blobs: string, mediaType: string, content: object): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(content));
  const digest = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(blobs, digest), bytes);
  return { mediaType, digest: `sha256:${digest}`, size: bytes.length };
}

async function tar(folder: string, outfile: string): Promise<void> {
  await runCommand(['tar', ...REPRODUCIBLE, '-C', folder, '-cf', outfile, '.'], { timeoutMs: 600_000 });
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}
