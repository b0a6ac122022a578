// The protobuf form of an ML program, as coremltools writes it into model.mlmodel
// (mlmodel/format/MIL.proto of coremltools 9.0).
#pragma once

#include "formats/mil.h"
#include "formats/protobuf.h"
#include "tenfold/result.h"

namespace tenfold {

/// `message` is a Program of `file`. Not yet checked (check_mil_program()), and blobs still have
/// the offset of their metadata. bad_model if it is damaged or too large; unsupported, naming the
/// operation, for types that are no tensors and for operations with blocks.
Result<MilProgram> read_mil_protobuf(const ProtobufFile& file, const ProtobufMessage& message);

}  // namespace tenfold
