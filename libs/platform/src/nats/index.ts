export * from './async-publisher.js';
export * from './credentials.js';
export * from './nats.js';
export * from './object-bucket.js';
export * from './stored-message.js';
export * from './stream-history.js';
export * from './stream-reader.js';
export * from './topology.js';
