// Loads the services of tidemill.v1 from the .proto files; nothing is generated.
const path = require('path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const protos = process.env.TIDEMILL_PROTOS || path.join(__dirname, '../../../api/src/main/proto');
const files = ['tidemill/v1/task_service.proto', 'tidemill/v1/worker_service.proto'];
const options = { includeDirs: [protos], keepCase: true, longs: String, enums: String, defaults: true };
const definition = loader.loadSync(files, options);

module.exports = grpc.loadPackageDefinition(definition).tidemill.v1;
module.exports.insecure = grpc.credentials.createInsecure();
