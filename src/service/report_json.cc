#include "service/report_json.h"

namespace tenfold {

Json to_json(const EngineReport& report) {
  Json object{{"name", report.entry->id},
              {"title", report.entry->title},
              {"status", to_string(report.status)},
              {"reason", report.reason},
              {"how_to_get", report.entry->how_to_get},
              {"version", nullptr},
              {"capabilities", nullptr}};
  if (report.capabilities) {
    object["version"] = report.capabilities->version;
    object["capabilities"] = to_json(*report.capabilities);
  }
  return object;
}

}  // namespace tenfold
