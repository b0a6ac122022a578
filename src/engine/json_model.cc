// The resolved model as the worker protocol carries it.
#include "engine/field_reader.h"

namespace tenfold {
namespace {

Json path_list(const std::vector<std::filesystem::path>& paths) {
  Json list = Json::array();
  for (const auto& path : paths) list.push_back(path.string());
  return list;
}

}  // namespace

Result<void> read_value(const Json& json, const std::string& where, ModelText& out) {
  return FieldReader(json, where)
      .required("tokenizer", out.tokenizer)
      .required("token_settings", out.token_settings)
      .required("begin_token", out.begin_token)
      .required("end_token", out.end_token)
      .required("begin", out.begin)
      .required("ends", out.ends)
      .required("end_texts", out.end_texts)
      .required("chat_template", out.chat_template)
      .required("template_source", out.template_source)
      .required("template_family", out.template_family)
      .finish();
}

Result<void> read_value(const Json& json, const std::string& where, ModelSizes& out) {
  return FieldReader(json, where)
      .required("context", out.context)
      .required("cache_heads", out.cache_heads)
      .required("head_size", out.head_size)
      .required("vocabulary", out.vocabulary)
      .finish();
}

Json to_json(const ResolvedModel& model) {
  const ModelText& text = model.text;
  const ModelSizes& sizes = model.sizes;
  return {{"name", model.name},
          {"built_in", model.built_in},
          {"path", model.path.string()},
          {"file", model.file.string()},
          {"format", model.format},
          {"architecture", model.architecture},
          {"quantization", model.quantization},
          {"sha256", model.sha256},
          {"parameters", model.parameters},
          {"weight_bytes", model.weight_bytes},
          {"files", path_list(model.files)},
          {"sizes",
           {{"context", sizes.context},
            {"cache_heads", sizes.cache_heads},
            {"head_size", sizes.head_size},
            {"vocabulary", sizes.vocabulary}}},
          {"text",
           {{"tokenizer", text.tokenizer.string()},
            {"token_settings", text.token_settings},
            {"begin_token", text.begin_token},
            {"end_token", text.end_token},
            {"begin", text.begin},
            {"ends", text.ends},
            {"end_texts", text.end_texts},
            {"chat_template", text.chat_template},
            {"template_source", text.template_source.string()},
            {"template_family", text.template_family}}},
          {"sampling", to_json(model.sampling)},
          {"memory", model.memory}};
}

Result<ResolvedModel> resolved_model_from_json(const Json& json) {
  ResolvedModel out;
  TRY(FieldReader(json, "model")
          .required("name", out.name)
          .required("built_in", out.built_in)
          .required("path", out.path)
          .required("file", out.file)
          .required("format", out.format)
          .required("architecture", out.architecture)
          .required("quantization", out.quantization)
          .required("sha256", out.sha256)
          .required("parameters", out.parameters)
          .required("weight_bytes", out.weight_bytes)
          .required("files", out.files)
          .required("sizes", out.sizes)
          .required("text", out.text)
          .required("sampling", out.sampling)
          .required("memory", out.memory)
          .finish());
  return out;
}

}  // namespace tenfold
