"""The manifests in k8s/ parse, are all listed, and fit together: names, labels, ports, volumes, configuration."""

import pathlib
import unittest

import yaml

K8S = pathlib.Path(__file__).resolve().parent.parent / "k8s"


def manifests():
    listed = yaml.safe_load((K8S / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    return {name: list(yaml.safe_load_all((K8S / name).read_text(encoding="utf-8"))) for name in listed}


class Manifests(unittest.TestCase):
    def setUp(self):
        self.objects = [item for items in manifests().values() for item in items]
        self.set = self.only("StatefulSet")
        self.pod = self.set["spec"]["template"]
        self.container = self.pod["spec"]["containers"][0]

    def of_kind(self, kind):
        return [item for item in self.objects if item["kind"] == kind]

    def only(self, kind):
        (item,) = self.of_kind(kind)
        return item

    def test_every_file_is_listed(self):
        files = {path.name for path in K8S.glob("*.yaml")} - {"kustomization.yaml"}
        self.assertEqual(files, set(manifests()))

    def test_every_selector_finds_the_pods(self):
        labels = self.pod["metadata"]["labels"].items()
        selectors = [service["spec"]["selector"] for service in self.of_kind("Service")]
        selectors += [item["spec"]["selector"]["matchLabels"] for item in (self.set, self.only("PodDisruptionBudget"))]
        self.assertEqual(len(selectors), 4)
        for selector in selectors:
            self.assertTrue(selector.items() <= labels, selector)

    def test_pods_have_names_in_a_headless_service(self):
        (service,) = [item for item in self.of_kind("Service") if item["spec"].get("clusterIP") == "None"]
        self.assertEqual(service["metadata"]["name"], self.set["spec"]["serviceName"])

    def test_probes_and_services_use_the_containers_port(self):
        (port,) = self.container["ports"]
        probes = {name: self.container[name + "Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
        self.assertEqual({name: probe["path"] for name, probe in probes.items()},
                         {"startup": "/live", "liveness": "/live", "readiness": "/ready"})
        targets = [probe["port"] for probe in probes.values()]
        targets += [entry["targetPort"] for service in self.of_kind("Service") for entry in service["spec"]["ports"]]
        self.assertEqual(set(targets), {port["name"]})
        self.assertIn(f"--http=0.0.0.0:{port['containerPort']}", self.container["args"])

    def test_the_instance_is_the_pods_name(self):
        (variable,) = [item for item in self.container["env"] if item["name"] == "CATWALK_RUN_INSTANCE"]
        self.assertEqual(variable["valueFrom"]["fieldRef"]["fieldPath"], "metadata.name")

    def test_state_lies_on_the_claimed_volume(self):
        mounts = {mount["name"]: mount["mountPath"] for mount in self.container["volumeMounts"]}
        (claim,) = self.set["spec"]["volumeClaimTemplates"]
        self.assertIn(f"--state-dir={mounts[claim['metadata']['name']]}", self.container["args"])

    def test_the_configuration_is_mounted_where_it_is_read(self):
        mounts = {mount["name"]: mount["mountPath"] for mount in self.container["volumeMounts"]}
        (volume,) = self.pod["spec"]["volumes"]
        config = self.only("ConfigMap")
        self.assertEqual(volume["configMap"]["name"], config["metadata"]["name"])
        (file,) = config["data"]
        self.assertIn(f"--config={mounts[volume['name']]}/{file}", self.container["args"])
        self.assertIn("bootstrap", yaml.safe_load(config["data"][file])["kafka"])

    def test_a_pod_has_time_to_stop_and_a_memory_limit(self):
        self.assertGreaterEqual(self.pod["spec"]["terminationGracePeriodSeconds"], 10)
        self.assertIn("memory", self.container["resources"]["limits"])


if __name__ == "__main__":
    unittest.main()
