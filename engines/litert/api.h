// The part of LiteRT's C API that is used, declared here because no registry carries its headers.
// Names and order of parameters as in libLiteRt.so of PyPI ai-edge-litert 2.3.0.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tenfold/result.h"

namespace tenfold::litert {

using Status = int;
constexpr Status ok_status = 0;
constexpr Status memory_status = 2;
constexpr Status unsupported_status = 5;

constexpr int cpu_accelerator = 1;
constexpr int lock_for_reading = 0;
constexpr int lock_for_writing = 1;

// Objects of the library, only ever seen through pointers.
struct EnvironmentT;
struct ModelT;
struct OptionsT;
struct OpaqueOptionsT;
struct CompiledModelT;
struct SignatureT;
struct TensorT;
struct RequirementsT;
struct TensorBufferT;

/// LiteRtRankedTensorType. `element` is a TfLiteType.
struct RankedType {
  std::int32_t element;
  std::uint32_t rank : 7;
  std::uint32_t has_strides : 1;
  std::int32_t dimensions[8];
  std::uint32_t strides[8];
};
static_assert(sizeof(RankedType) == 72);

// clang-format off
#define TENFOLD_LITERT_FUNCTIONS(X)                                                                \
  X(CreateEnvironment, int, const void*, EnvironmentT**)                                           \
  X(CreateOptions, OptionsT**)                                                                     \
  X(SetOptionsHardwareAccelerators, OptionsT*, int)                                                \
  X(CreateOpaqueOptions, const char*, void*, void (*)(void*), OpaqueOptionsT**)                    \
  X(AddOpaqueOptions, OptionsT*, OpaqueOptionsT*)                                                  \
  X(CreateModelFromFd, EnvironmentT*, int, std::size_t, std::size_t, ModelT**)                     \
  X(CreateModelFromBuffer, EnvironmentT*, const void*, std::size_t, ModelT**)                      \
  X(CreateCompiledModel, EnvironmentT*, ModelT*, OptionsT*, CompiledModelT**)                      \
  X(GetNumModelSignatures, ModelT*, std::size_t*)                                                  \
  X(GetModelSignature, ModelT*, std::size_t, SignatureT**)                                         \
  X(GetSignatureKey, SignatureT*, const char**)                                                    \
  X(GetNumSignatureInputs, SignatureT*, std::size_t*)                                              \
  X(GetSignatureInputName, SignatureT*, std::size_t, const char**)                                 \
  X(GetSignatureInputTensorByIndex, SignatureT*, std::size_t, TensorT**)                           \
  X(GetNumSignatureOutputs, SignatureT*, std::size_t*)                                             \
  X(GetSignatureOutputName, SignatureT*, std::size_t, const char**)                                \
  X(GetSignatureOutputTensorByIndex, SignatureT*, std::size_t, TensorT**)                          \
  X(GetRankedTensorType, TensorT*, RankedType*)                                                    \
  X(GetCompiledModelInputBufferRequirements, CompiledModelT*, std::size_t, std::size_t,            \
    RequirementsT**)                                                                               \
  X(GetCompiledModelOutputBufferRequirements, CompiledModelT*, std::size_t, std::size_t,           \
    RequirementsT**)                                                                               \
  X(CreateManagedTensorBufferFromRequirements, EnvironmentT*, const RankedType*, RequirementsT*,   \
    TensorBufferT**)                                                                               \
  X(LockTensorBuffer, TensorBufferT*, void**, int)                                                 \
  X(UnlockTensorBuffer, TensorBufferT*)                                                            \
  X(GetTensorBufferPackedSize, TensorBufferT*, std::size_t*)                                       \
  X(RunCompiledModel, CompiledModelT*, std::size_t, std::size_t, TensorBufferT**, std::size_t,     \
    TensorBufferT**)
#define TENFOLD_LITERT_DESTRUCTORS(X) \
  X(DestroyEnvironment, EnvironmentT*)                                                             \
  X(DestroyOptions, OptionsT*)                                                                     \
  X(DestroyModel, ModelT*)                                                                         \
  X(DestroyCompiledModel, CompiledModelT*)                                                         \
  X(DestroyTensorBuffer, TensorBufferT*)
// clang-format on

/// The functions, without their prefix "LiteRt".
struct Api {
#define TENFOLD_LITERT_MEMBER(name, ...) Status (*name)(__VA_ARGS__) = nullptr;
  TENFOLD_LITERT_FUNCTIONS(TENFOLD_LITERT_MEMBER)
#undef TENFOLD_LITERT_MEMBER
#define TENFOLD_LITERT_MEMBER(name, type) void (*name)(type) = nullptr;
  TENFOLD_LITERT_DESTRUCTORS(TENFOLD_LITERT_MEMBER)
#undef TENFOLD_LITERT_MEMBER
};

/// Opens the library at the first call; see SharedLibrary. unavailable if it is missing or lacks a
/// function. Thread-safe.
Result<const Api*> load_api();

/// An error of the library: "LiteRT cannot DO (status)". out_of_memory, unsupported or `otherwise`.
Error library_error(std::string_view action, Status status, ErrorCode otherwise);

}  // namespace tenfold::litert
