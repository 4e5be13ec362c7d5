#include "apps/input_flags.h"

#include <CLI/CLI.hpp>

namespace catwalk::apps {

void AddInputFlags(CLI::App* command, InputOptions* options) {
  command->add_option("--to", options->to,
                      "Topic of delimited rows (default purchases), or of JSON lines without a \"topic\"")
      ->type_name("TOPIC");
  command->add_option("--map", options->maps,
                      "Which column of a delimited file fills which field; profile.x, design.x and feedback.x "
                      "make records of their own")
      ->type_name("field=column,...")
      ->take_all()
      ->expected(1);
  command->add_option("--set", options->sets, "Fields with the same value in every row")
      ->type_name("field=value,...")
      ->take_all()
      ->expected(1);
}

}  // namespace catwalk::apps
