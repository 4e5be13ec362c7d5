#include "operators/user_fit.h"

namespace catwalk::operators {

const models::FitPart* DesignPart(const models::DesignTable& table, models::DesignKey design) {
  const int row = table.RowOf(design);
  return row < 0 ? nullptr : table.FitOf(row);
}

models::UserFit UserFitOf(const models::DesignTable& table, const UserState& user) {
  models::UserFit fit = user.fit;
  for (const SaidFit& said : user.said) {
    models::UserFit others = fit;  // without the size that it was said of
    others.Remove(said.size);
    const auto score = models::ScoreOfTaken(table.fit_model(), others, DesignPart(table, said.design), said.size);
    models::Learn(models::kUserFitPrior, score, said.fit, &fit.part);
  }
  return fit;
}

}  // namespace catwalk::operators
