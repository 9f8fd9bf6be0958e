"""The docs about AWS say what the template says."""

import copy
from collections import Counter

from deploy.aws import diagram, prices
from deploy.aws.template import Template


def test_the_drawing_is_of_this_template(template: Template) -> None:
    page = diagram.PAGE.read_text(encoding="utf-8")
    assert page == diagram.filled(page, template), "run `python -m deploy.aws diagram`"


def test_a_size_an_arrow_and_a_right_that_change_change_the_drawing(template: Template) -> None:
    other = copy.deepcopy(template)
    other["Resources"]["WebServer"]["Properties"]["InstanceType"] = "t3.large"
    other["Resources"]["FileGroup"]["Properties"]["SecurityGroupIngress"].append(
        {"CidrIp": "0.0.0.0/0", "FromPort": 2049, "ToPort": 2049, "IpProtocol": "tcp"}
    )
    statements = other["Resources"]["FileRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    statements[:] = [one for one in statements if one["Action"] != ["secretsmanager:GetSecretValue"]]
    gone = set(diagram.draw(template).splitlines()) - set(diagram.draw(other).splitlines())
    new = set(diagram.draw(other).splitlines()) - set(diagram.draw(template).splitlines())
    assert gone == {
        '    web["anb-web: nginx, FastAPI<br>EC2 t3.small, 50 GiB"]',
        "| file | `anb/queue` | reads `releases/` | figures |",
    }
    assert new == {
        '    web["anb-web: nginx, FastAPI<br>EC2 t3.large, 50 GiB"]',
        "  client -->|NFS 2049| file",
        "| file |  | reads `releases/` | figures |",
    }


def test_what_is_reckoned_is_what_the_template_makes(template: Template) -> None:
    kinds = Counter(one["Type"] for one in template["Resources"].values())
    reckoned = {line.price: line.quantity for line in prices.month()}
    servers = kinds["AWS::EC2::Instance"]
    assert reckoned[prices.SERVER] == reckoned[prices.ADDRESS] == servers * prices.HOURS
    disks = [
        one["Properties"]["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::EC2::Instance"
    ]
    assert reckoned[prices.DISK] == sum(disks)
    assert reckoned[prices.DATABASE_DISK] == int(template["Resources"]["Database"]["Properties"]["AllocatedStorage"])
    secrets = [one for one in template["Resources"].values() if one["Type"] == "AWS::SecretsManager::Secret"]
    assert reckoned[prices.SECRET] == len([one for one in secrets if "Condition" not in one])
    assert reckoned[prices.ALARM] == kinds["AWS::CloudWatch::Alarm"]
    ours = {
        (one["Properties"]["MetricName"], str(one["Properties"].get("Dimensions")))
        for one in template["Resources"].values()
        if one["Type"] == "AWS::CloudWatch::Alarm" and one["Properties"]["Namespace"] == "ANB"
    }
    assert reckoned[prices.METRIC] == len(ours)


def test_a_sum_is_the_sum_of_its_lines() -> None:
    lines = [
        prices.CostItem(prices.Price("a", "hour", 0.5), 3, "3"),
        prices.CostItem(prices.Price("b", "GB", 2), 2, "2"),
    ]
    assert prices.total(lines) == 5.5
    assert prices.summed(lines).splitlines()[-1] == "| **together** | | | | **5.50** |"
