import { Module } from '@nestjs/common';
import { ListProjectionsController } from './list-projections/list-projections.controller.js';
import { ListProjectionsHandler } from './list-projections/list-projections.handler.js';
import { RebuildProjectionController } from './rebuild-projection/rebuild-projection.controller.js';
import { RebuildProjectionHandler } from './rebuild-projection/rebuild-projection.handler.js';

/** Shows how far the read models are and rebuilds them; the app provides the ProjectionEngine. */
@Module({
  controllers: [ListProjectionsController, RebuildProjectionController],
  providers: [ListProjectionsHandler, RebuildProjectionHandler],
})
export class ProjectionsModule {}
