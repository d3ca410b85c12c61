// The wall: which folder may import which. Imports point down only (docs/adr/0001-src-and-testbed.md).
//   commands > testbed > (services start as programs, from manifests) ; services > wire > sdk > sdk/model
const service = '^src/(?!sdk/|wire/)([^/]+)/'
const layers = ['^src/sdk/model/', '^src/sdk/', '^src/wire/', service, '^testbed/', '^commands/']
const above = (layer) => layers.slice(layer + 1)

const lookUps = layers.slice(0, -1).map((from, layer) => ({
  name: `looks-up-from-layer-${layer}`,
  severity: 'error',
  comment: 'Imports point down: commands > testbed > services > wire > sdk > sdk/model.',
  from: { path: from, pathNot: '[.]test[.]ts$' },
  to: { path: above(layer), pathNot: layers.slice(0, layer + 1) },
}))

export default {
  forbidden: [
    ...lookUps,
    {
      name: 'services-are-strangers',
      severity: 'error',
      comment: 'Services meet over the wire; their contracts are in sdk/model/contracts.',
      from: { path: service },
      to: { path: service, pathNot: '^src/$1/' },
    },
    {
      name: 'testbed-starts-services-as-programs',
      severity: 'error',
      comment:
        'The instrument must not share the fault it looks for: it starts services from manifests, it never imports them.',
      from: { path: '^(testbed|commands)/' },
      to: { path: ['^src/wire/', service] },
    },
    {
      name: 'templates-and-examples-use-the-sdk-only',
      severity: 'error',
      comment: 'What we hand to others must compile against @ezone/sdk alone.',
      from: { path: '^(templates|examples)/' },
      to: { path: '^(commands|testbed|src/(?!sdk/))' },
    },
    {
      name: 'sdk-by-its-front-door',
      severity: 'error',
      comment:
        'Outside src/sdk import @ezone/sdk or one of its declared subpaths (model, errors, clock, dal, zookeeper, kafka, testing), nothing deeper.',
      from: { pathNot: '^src/sdk/' },
      to: {
        path: '^src/sdk/(?!index[.]ts|model/(index|errors|clock)[.]ts|(dal|zookeeper|kafka|testing)/index[.]ts|dist/)',
      },
    },
    {
      name: 'tests-and-tools-serve-nobody',
      severity: 'error',
      comment: 'What is built and shipped never imports a test, a test helper, the tools or the benches.',
      from: { pathNot: '[.]test[.]ts$|^testbed/testing/|^(tools|bench)/' },
      to: { path: '[.]test[.]ts$|^testbed/testing/|^(tools|bench)/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'A cycle has no top to start reading at.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'undeclared-dependency',
      severity: 'error',
      comment: 'A package uses only what its own package.json declares.',
      from: { path: '^src/sdk/', pathNot: '[.]test[.]ts$' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    {
      name: 'unresolvable',
      severity: 'error',
      comment: 'The import leads nowhere.',
      from: {},
      // Modules that k6 brings along.
      to: { couldNotResolve: true, pathNot: '^k6/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: '(^|/)dist/',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['ezone-source', 'import', 'node', 'types', 'default'],
    },
  },
}
