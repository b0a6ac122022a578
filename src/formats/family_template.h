// The chat templates of the common families, for models whose files have none: a .pte or .tflite
// with nothing but its tokenizer beside it, a .litertlm or .task without a template.
#pragma once

#include "formats/description.h"

namespace tenfold {

/// Gives the model its family's template and names the family, where its files have none and
/// nothing says that it has none: a tokenizer_config.json without a template is that of a base
/// model. The family is told by the tokens of its turns, else by the architecture or the name of a
/// chat model. Does nothing for formats whose own header would have it (GGUF), and for unknown
/// families.
void add_family_template(ModelDescription& model);

}  // namespace tenfold
