import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { readSettings, SETTING_NAMES } from '#libs/config';
import { PROJECT_ROOT } from './support/project-files.js';

interface Variable {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef: { name: string; key: string } };
}

interface Probe {
  httpGet: { path: string; port: string };
}

interface Container {
  image: string;
  env: Variable[];
  ports: { name: string; containerPort: number }[];
  resources: { requests: object; limits: object };
  securityContext: object;
  startupProbe: Probe;
  livenessProbe: Probe;
  readinessProbe: Probe;
  volumeMounts: { name: string; mountPath: string }[];
}

interface Manifest {
  kind: string;
  metadata: { name: string };
  stringData?: Record<string, string>;
  spec: {
    replicas: number;
    maxUnavailable: number;
    selector: Record<string, Record<string, string>>;
    template: {
      metadata: { labels: Record<string, string> };
      spec: {
        containers: Container[];
        securityContext: object;
        terminationGracePeriodSeconds: number;
        volumes: { name: string; secret?: { secretName: string; items: { key: string }[] } }[];
      };
    };
  };
}

const FOLDER = join(PROJECT_ROOT, 'deploy/kubernetes');
const manifestsIn = (name: string): Manifest[] =>
  parseAllDocuments(readFileSync(join(FOLDER, name), 'utf8')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
/** What `kubectl apply --filename deploy/kubernetes` takes. */
const manifests = readdirSync(FOLDER)
  .filter((name) => /\.(?:ya?ml|json)$/.test(name))
  .flatMap(manifestsIn);
const ofKind = (kind: string): Manifest[] => manifests.filter((manifest) => manifest.kind === kind);
const deployments = ofKind('Deployment').map(({ metadata, spec }) => {
  const container = spec.template.spec.containers[0] as Container;
  return [metadata.name, { spec, container }] as const;
});
const [template] = manifestsIn('secret.yml.template');
const secret = template?.stringData ?? {};

describe('deploy/kubernetes', () => {
  it('has two processes of each role, a budget for each, and a service before the API', () => {
    const roles = deployments.map(([, { container }]) => container.env.find(({ name }) => name === 'ROLE')?.value);
    expect(roles).toEqual(['api', 'projector', 'worker']);
    expect(deployments.map(([name, { spec }]) => [name, spec.replicas])).toEqual(
      roles.map((role) => [`token-ledger-${role}`, 2]),
    );
    const budgets = ofKind('PodDisruptionBudget');
    expect(budgets.map(({ spec }) => spec.selector['matchLabels'])).toEqual(
      deployments.map(([, { spec }]) => spec.template.metadata.labels),
    );
    const [api] = deployments;
    expect(ofKind('Service').map(({ spec }) => spec.selector)).toEqual([api?.[1].spec.template.metadata.labels]);
  });

  it.each(deployments)('%s is given settings that there are, with values that are taken', (_name, { container }) => {
    const names = container.env.map(({ name }) => name);
    expect(names.filter((name) => name !== 'ROLE' && !SETTING_NAMES.includes(name))).toEqual([]);
    const examples: Record<string, string> = {
      DATABASE_URL: 'postgres://db',
      EVENT_STORE_URL: 'esdb://es',
      REDIS_URL: 'redis://queue',
    };
    const env = container.env.map(({ name, value }) => [name, value ?? examples[name] ?? '']);
    expect(() => readSettings(Object.fromEntries(env))).not.toThrow();
  });

  it('has no Secret among what is applied, which would empty the one that the operator made', () => {
    expect(manifests.map(({ kind }) => kind)).not.toContain('Secret');
    expect(template).toMatchObject({ kind: 'Secret', metadata: { name: 'token-ledger' } });
    expect(Object.keys(secret)).not.toEqual([]);
  });

  it('holds no secret: what may hold a password comes from a Secret that is only named, every key of which is used', () => {
    expect(Object.values(secret).filter((value) => value !== '')).toEqual([]);
    for (const [, { container, spec }] of deployments) {
      const literal = container.env.filter(({ value }) => value !== undefined).map(({ name }) => name);
      expect(literal.filter((name) => /_URL$|TOKENS$|SECRETS$|PASSWORD/.test(name))).toEqual([]);
      const references = container.env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);
      const mounted = spec.template.spec.volumes.flatMap((volume) => volume.secret ?? []);
      const names = [...references.map(({ name }) => name), ...mounted.map(({ secretName }) => secretName)];
      expect(new Set(names)).toEqual(new Set(['token-ledger']));
      const keys = [...references, ...mounted.flatMap(({ items }) => items)].map(({ key }) => key);
      expect(keys.sort()).toEqual(Object.keys(secret).sort());
    }
  });

  it.each(deployments)('%s is asked for its health on paths that it answers', (_name, { container }) => {
    const { startupProbe, livenessProbe, readinessProbe, ports } = container;
    const probes = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet);
    expect(probes.map(({ path }) => path)).toEqual(['/health/live', '/health/live', '/health/ready']);
    const { paths } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'openapi.json'), 'utf8')) as { paths: object };
    for (const { path, port } of probes) {
      expect(paths).toHaveProperty([path]);
      expect(ports.map(({ name }) => name)).toContain(port);
    }
    const port = container.env.find(({ name }) => name === 'PORT')?.value;
    expect(ports.map(({ containerPort }) => String(containerPort))).toEqual([port]);
  });

  it.each(deployments)('%s runs without privileges, bounded, and has time to stop in order', (_name, deployment) => {
    const { container, spec } = deployment;
    expect(spec.template.spec).toMatchObject({
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 40,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.resources).toMatchObject({ requests: { memory: '1Gi' }, limits: { memory: '2Gi' } });
    const mounts = container.volumeMounts.map(({ name }) => name);
    expect(mounts.sort()).toEqual(spec.template.spec.volumes.map(({ name }) => name).sort());
  });

  it('pins the image to the version of the product', () => {
    const { version } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as { version: string };
    const images = deployments.map(([, { container }]) => container.image);
    expect(new Set(images)).toEqual(new Set([`registry.example/token-ledger:${version}`]));
  });
});
