// A provider of OpenID Connect as towns run them, on this machine only: the package oidc-provider
// with its own pages, where every password is right. Who logs in as `strong-…` has taken two steps.

import { Provider } from "oidc-provider";

const { port, site, keys } = JSON.parse(process.env.PROVIDER);

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id: "gvi",
      client_secret: "a secret: with % and +",
      redirect_uris: [`${site}/log-in/provider/back`],
      post_logout_redirect_uris: [`${site}/log-in`],
    },
  ],
  jwks: keys,
  pkce: { required: () => true },
  claims: { openid: ["sub", "amr"] },
  acrValues: ["two-steps"],
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  cookies: { keys: ["of the tests"] },
});

const finished = provider.interactionFinished.bind(provider);
provider.interactionFinished = (request, answer, result, options) => {
  if (result.login?.accountId?.startsWith("strong-")) {
    Object.assign(result.login, { amr: ["pwd", "mfa"], acr: "two-steps" });
  }
  return finished(request, answer, result, options);
};

provider.listen(port, "127.0.0.1", () => process.stdout.write("listening\n"));
